"""The public figure: what buyers paid, what it pays for, and where it is, as of a closed day."""

from __future__ import annotations

from flask import Blueprint, jsonify, render_template
from flask.typing import ResponseReturnValue

from orders.closing import proof_json
from orders.closing.public_proof import public
from shop.web.views import open_to_all, reading

bp = Blueprint("public_money", __name__, url_prefix="/public/money")


@bp.get("/")
@open_to_all
def show() -> ResponseReturnValue:
    """Totals only, with what they prove and what they do not."""
    return render_template("orders/closing/public.html", found=public(reading()))


@bp.get("/figures.json")
@open_to_all
def figures() -> ResponseReturnValue:
    """The same for programs; `day` is null before the first month is closed."""
    found = public(reading())
    return jsonify(proof_json.public(found) if found else {"day": None})
