"""Papers as PDF: contract, delivery note, acceptance record, settlement sheet."""

from __future__ import annotations

from flask import Blueprint

bp = Blueprint("documents", __name__, url_prefix="/papers")
