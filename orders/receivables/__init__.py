"""应收: what buyers owe after acceptance, since when, with what interest; and what cooperatives."""
