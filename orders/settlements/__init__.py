"""结算: who is owed what; moves nothing at a bank."""
