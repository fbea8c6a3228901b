"""经费: what a union may spend in a year, what of it is reserved, committed, spent."""
