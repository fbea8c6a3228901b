"""Pages of households: list, one household, cards, consents, statement codes."""

from __future__ import annotations

from flask import Blueprint

bp = Blueprint("households", __name__, url_prefix="/cooperative/households")
