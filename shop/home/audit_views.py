"""The auditor: acts and approvals, journals and transfers, exports."""

from __future__ import annotations

from flask import Blueprint

bp = Blueprint("audit", __name__, url_prefix="/audit")
