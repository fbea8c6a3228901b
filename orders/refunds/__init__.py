"""退款: money owed back to buyers, waiting to leave with a payout."""
