"""The demo region: Luoxiao, one year of it, told through the same commands people use.

Every name of a person, a union and a cooperative is invented; so are all prices.
"""
