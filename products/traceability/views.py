"""The public trace page behind the code on a box."""

from __future__ import annotations

from flask import Blueprint

bp = Blueprint("trace", __name__, url_prefix="/t")
