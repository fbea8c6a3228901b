"""Papers: typst sources to PDF, with fonts of our own and the same bytes every time."""
