"""Pages of the weigh-in: weighing, slip, day ledger, correcting."""

from __future__ import annotations

from flask import Blueprint

bp = Blueprint("deliveries", __name__, url_prefix="/cooperative/deliveries")
