"""Unions, cooperatives, carriers and the platform; who holds which role in them."""
