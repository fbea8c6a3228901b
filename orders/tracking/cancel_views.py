"""The page on which a buyer, a cooperative or the platform gives up units of an order."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from orders.purchasing import cancelling
from orders.purchasing.cancel_forms import CancelUnitsForm
from orders.purchasing.cancel_queries import CancelDesk, Effect, cancel_desk, foresee
from orders.purchasing.states import Side
from shop.core import clock
from shop.core.errors import Refusal
from shop.organisations.acting import current_actor, signed_in
from shop.web.views import fresh_reading

bp = Blueprint("cancellations", __name__, url_prefix="/orders")


@bp.route("/<order_id>/cancellation", methods=["GET", "POST"])
@signed_in
def cancel(order_id: str) -> ResponseReturnValue:
    """Give up units that are not shipped: first what it would do, then do it."""
    actor = current_actor()
    desk = cancel_desk(fresh_reading(), order_id, actor)
    form = CancelUnitsForm()
    effect: Effect | None = None
    if form.validate_on_submit():
        try:
            effect = foresee(desk, form.given_up())
            if request.form.get("step") == "cancel":
                cancelling.cancel_units.once(form.once.data)(
                    order_id=order_id,
                    lines=form.given_up(),
                    reason=form.reason.data,
                    seen_refund=form.seen_refund,
                    actor=actor,
                    now=clock.now(),
                )
                flash(_("已取消。要退的货款会原路退回。"), "ok")
                return redirect(_back_of(desk), code=303)
        except Refusal as refusal:
            form.refuse(refusal)
            desk = cancel_desk(fresh_reading(), order_id, actor)
            effect = None
    elif not form.is_submitted():
        form.start(desk)
    if effect:
        form.show(effect)
    page = render_template(
        "orders/purchasing/cancel_units.html",
        form=form,
        desk=desk,
        effect=effect,
        back_to=_back_of(desk),
    )
    return page, form.status


def _back_of(desk: CancelDesk) -> str:
    if desk.side is Side.BUYER:
        return url_for("purchases.show", purchase_id=desk.purchase_id)
    return url_for("shipments.show", order_id=desk.order.public_id)
