"""Prices (价格): drafted by a cooperative, approved by the platform, counting from a day on."""
