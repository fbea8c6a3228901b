"""People who sign in (用户), and how."""
