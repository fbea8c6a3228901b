"""Pages of recalls for everybody and for buyers."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from orders.recalls import following, telling
from orders.recalls.forms import AnswerForm
from shop.core import clock
from shop.core.errors import Refusal
from shop.core.permissions import Permission as P
from shop.organisations.acting import current_actor, my_organisations, signed_in
from shop.web.views import open_to_all, reading

bp = Blueprint("recalls", __name__, url_prefix="/recalls")


@bp.get("/")
@open_to_all
def index() -> ResponseReturnValue:
    """What was called back, for everybody: goods, lots, why, what to do. No person."""
    return render_template("orders/recalls/public.html", recalls=telling.public_recalls(reading()))


@bp.get("/mine")
@signed_in
def mine() -> ResponseReturnValue:
    """The recalls of one's own purchases and of one's unions'."""
    actor = current_actor()
    unions = [row.id for row, _roles in my_organisations() if actor.may(P.PURCHASE_READ, row.id)]
    return render_template(
        "orders/recalls/mine.html", told=telling.told_to(reading(), unions, actor)
    )


@bp.route("/<recall_id>/for/<purchase_id>", methods=["GET", "POST"])
@signed_in
def of_purchase(recall_id: str, purchase_id: str) -> ResponseReturnValue:
    """What is recalled of one purchase, what to do, and the buyer's answer."""
    found = telling.for_purchase(reading(), recall_id, purchase_id, current_actor())
    form = AnswerForm(holds=found.holds, words=found.words)
    if form.validate_on_submit():
        try:
            following.answer_notice.once(form.once.data)(
                recall_id=recall_id,
                purchase_id=purchase_id,
                holds=form.data["holds"],
                words=form.words.data or "",
                actor=current_actor(),
                now=clock.now(),
            )
        except Refusal as refusal:
            form.refuse(refusal)
        else:
            flash(_("收到，谢谢。接下来会有人和您联系取回。"), "ok")
            return redirect(
                url_for("recalls.of_purchase", recall_id=recall_id, purchase_id=purchase_id),
                code=303,
            )
    return render_template("orders/recalls/of_purchase.html", recall=found, form=form), form.status


def of(purchase_id: str) -> list[telling.Told]:
    """The recalls a purchase is named in; its page asks, having checked the reader."""
    return telling.told_of_purchase(reading(), purchase_id)
