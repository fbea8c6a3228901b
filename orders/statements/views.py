"""The household statement, opened by printed code and PIN."""

from __future__ import annotations

from flask import Blueprint

bp = Blueprint("statements", __name__, url_prefix="/my-statement")
