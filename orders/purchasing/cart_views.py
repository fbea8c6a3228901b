"""Pages of the cart and of checking out."""

from __future__ import annotations

from flask import Blueprint

bp = Blueprint("cart", __name__, url_prefix="/cart")
