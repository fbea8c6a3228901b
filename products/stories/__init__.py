"""Stories: villages and households as they want to be seen (故事)."""
