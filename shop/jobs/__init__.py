"""Work that nobody waits for at a page: the timetable, kept by huey."""
