"""打款: bank files to households, cooperatives and carriers, refunds, and the bank's answer."""
