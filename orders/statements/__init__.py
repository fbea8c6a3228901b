"""农户对账单: what a household brought, what was sold, what it was paid."""
