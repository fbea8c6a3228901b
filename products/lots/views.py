"""Pages of lots: making, blending, packing, stock, labels."""

from __future__ import annotations

from flask import Blueprint

bp = Blueprint("lots", __name__, url_prefix="/cooperative/lots")
