"""收款: the bank's statements and what they pay for."""
