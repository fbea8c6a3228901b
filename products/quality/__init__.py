"""Quality: what a cooperative does with the certificates and tests of its lots (质量)."""
