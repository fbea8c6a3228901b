"""Pages of checking and signing for what arrived, and of returning."""

from __future__ import annotations

from flask import Blueprint

bp = Blueprint("acceptances", __name__, url_prefix="/acceptances")
