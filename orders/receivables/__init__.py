"""应收: what buyers owe after acceptance, since when, with which interest; what cooperatives owe."""
