"""Shanhuo 山货: the application itself. Empty on purpose: importing a part must not import all."""
