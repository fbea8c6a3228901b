"""查账: the invariants of money, stock and mass, checked in SQL across every part."""
