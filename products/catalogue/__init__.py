"""产品 and 规格: what is sold, at what price, and what that price is made of."""
