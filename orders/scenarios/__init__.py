"""情景: small stories from a file, played through the shop's own commands; for auditors."""
