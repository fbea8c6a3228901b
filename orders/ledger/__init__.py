"""账: accounts, journals, transfers; append-only, balanced by construction."""
