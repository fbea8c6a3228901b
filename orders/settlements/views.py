"""Pages of settlement runs."""

from __future__ import annotations

from flask import Blueprint

bp = Blueprint("settlements", __name__, url_prefix="/platform/settlements")
