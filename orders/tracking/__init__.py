"""跟踪: pages that follow a purchase through every part, from the order to the households."""
