"""Disputes: a household or a village says that a lot is not what it claims to be."""
