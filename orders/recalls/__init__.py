"""Recalls: from a suspicion to every order, recipient and box, until each is accounted for."""
