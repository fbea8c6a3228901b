"""流水版式: how each bank's tables are read, registered as data."""
