"""Pages where the platform's second person approves or returns prices."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from products.prices import deciding, queries
from shop.core import clock
from shop.core.permissions import Permission as P
from shop.organisations.acting import current_actor, requires
from shop.web.forms import ReasonForm, ShopForm
from shop.web.views import fresh_reading, reading

bp = Blueprint("price_desk", __name__, url_prefix="/platform/prices")


@bp.get("/")
@requires(P.PRICE_APPROVE, P.PLATFORM_READ)
def index() -> ResponseReturnValue:
    """What waits, the first to begin on top; below it what was decided."""
    tx, actor = reading(), current_actor()
    return render_template(
        "products/prices/desk.html",
        waiting=queries.papers_waiting(tx, actor),
        decided=queries.papers_decided(tx, actor),
    )


@bp.get("/<thing_id>")
@requires(P.PRICE_APPROVE, P.PLATFORM_READ)
def show(thing_id: str) -> ResponseReturnValue:
    """One of them, with what it changes."""
    return _page(thing_id)


@bp.post("/<thing_id>/approve")
@requires(P.PRICE_APPROVE)
def approve(thing_id: str) -> ResponseReturnValue:
    """Approve it; it counts from its day on."""
    form = ShopForm()
    if form.carried_out(
        deciding.approve,
        thing_id=thing_id,
        actor=current_actor(),
        now=clock.now(),
    ):
        flash(_("已批准，从生效日期起用；以前下的订单不变。"))
        return redirect(url_for("price_desk.index"), code=303)
    return _page(thing_id, approve=form)


@bp.post("/<thing_id>/return")
@requires(P.PRICE_APPROVE)
def send_back(thing_id: str) -> ResponseReturnValue:
    """Return it with the reason."""
    form = ReasonForm()
    if form.carried_out(
        deciding.send_back,
        thing_id=thing_id,
        reason=form.reason.data or "",
        actor=current_actor(),
        now=clock.now(),
    ):
        flash(_("已退回，合作社会看到原因。"))
        return redirect(url_for("price_desk.index"), code=303)
    return _page(thing_id, back=form)


def _page(
    thing_id: str, *, approve: ShopForm | None = None, back: ReasonForm | None = None
) -> ResponseReturnValue:
    sent = approve or back
    page = render_template(
        "products/prices/decide.html",
        shown=queries.paper(
            fresh_reading() if sent else reading(),
            thing_id,
            current_actor(),
            clock.day_of(clock.now()),
        ),
        approve=approve or ShopForm(formdata=None),
        sent_back=back or ReasonForm(formdata=None),
        sent=sent,
    )
    return page, sent.status if sent else 200
