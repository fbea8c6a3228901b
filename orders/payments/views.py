"""Pages of bank statements and of money waiting for its purchase."""

from __future__ import annotations

from flask import Blueprint

bp = Blueprint("payments", __name__, url_prefix="/platform/bank")
