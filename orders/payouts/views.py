"""Pages of payouts, bank files and results, and of custody."""

from __future__ import annotations

from flask import Blueprint

bp = Blueprint("payouts", __name__, url_prefix="/platform/payouts")
