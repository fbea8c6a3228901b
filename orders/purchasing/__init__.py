"""采购: carts, purchases, orders, and the stock they reserve."""
