"""农户: who they are, where they grow, what they consented to, how they reach their statement."""
