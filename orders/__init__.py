"""Buying, paying, delivering, settling."""
