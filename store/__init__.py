"""Everything that touches a database: schema, unit of work, named queries, ledger."""
