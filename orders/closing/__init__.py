"""月结: reconciling with the bank, closing months, accounts for accountants, and the proof."""
