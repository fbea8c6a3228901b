"""Pages of the shop front: catalogue, product, search."""

from __future__ import annotations

from flask import Blueprint

bp = Blueprint("shopfront", __name__, url_prefix="/shop")
