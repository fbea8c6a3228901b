"""The public figure: what came in, what went out and what is held, as of the last closed day."""

from __future__ import annotations

from flask import Blueprint, jsonify, render_template
from flask.typing import ResponseReturnValue

from orders.closing import proof, proof_json
from shop.web.views import open_to_all, reading

bp = Blueprint("public_money", __name__, url_prefix="/public/money")


@bp.get("/")
@open_to_all
def show() -> ResponseReturnValue:
    """Totals only, with what they prove and what they do not."""
    found = proof.public(reading())
    return render_template(
        "orders/closing/public.html",
        day=found[0] if found else None,
        period=found[1] if found else None,
    )


@bp.get("/figures.json")
@open_to_all
def figures() -> ResponseReturnValue:
    """The same for programs; `day` is null before the first month is closed."""
    found = proof.public(reading())
    if found is None:
        return jsonify({"day": None})
    return jsonify({"day": found[0].isoformat(), **proof_json.period(found[1])})
