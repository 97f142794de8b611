"""Everything that touches a database: the schema, the unit of work, one module of named queries per noun, the ledger."""
