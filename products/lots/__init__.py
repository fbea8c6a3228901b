"""批次: weigh-in, rough tea, blends, packed units, stock to the gram."""
