"""Pages of union budgets."""

from __future__ import annotations

from flask import Blueprint

bp = Blueprint("budgets", __name__, url_prefix="/union/budgets")
