"""Pages of purchases: list, one purchase, approval, payment."""

from __future__ import annotations

from flask import Blueprint

bp = Blueprint("purchases", __name__, url_prefix="/purchases")
