"""The demonstration city: invented from one seed, written by the domain's verbs, lived through by the ledger."""
