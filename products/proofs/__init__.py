"""存证: events are sealed in order, and signed checkpoints let anybody find a changed past."""
