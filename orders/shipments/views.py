"""Pages of a cooperative that ships: orders, packing, invoices."""

from __future__ import annotations

from flask import Blueprint

bp = Blueprint("shipments", __name__, url_prefix="/cooperative/orders")
