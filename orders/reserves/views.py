"""Pages of risk reserves: the platform's, where rates are agreed, and the cooperative's own."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from orders.reserves import commands, queries
from orders.reserves.forms import RateForm
from shop.core import clock
from shop.core.permissions import Permission
from shop.organisations.acting import current_actor, current_organisation, requires
from shop.organisations.models import OrganisationKind
from shop.web.forms import ReasonForm, ShopForm
from shop.web.views import fresh_reading, reading

bp = Blueprint("reserves", __name__, url_prefix="/reserves")


@bp.route("/", methods=["GET", "POST"])
@requires(Permission.PLATFORM_READ)
def index() -> ResponseReturnValue:
    """Every reserve, and a form that proposes a rate."""
    form = RateForm()
    form.offer(queries.platform_page(reading(), current_actor(), clock.now()).reserves)

    def proposing() -> str:
        assert form.from_day.data is not None, "the form asks for it"
        return commands.propose_rate.once(form.once.data)(
            cooperative_id=form.cooperative.data,
            from_day=form.from_day.data,
            bp=form.bp,
            reason=form.reason.data,
            actor=current_actor(),
            now=clock.now(),
        )

    if form.done(proposing):
        flash(_("已提议，请另一位同事批准。"), "ok")
        return redirect(url_for("reserves.index"), code=303)
    return _page(form)


@bp.get("/mine")
@requires(Permission.ORDER_READ)
def mine() -> ResponseReturnValue:
    """One cooperative's own reserve."""
    cooperative = current_organisation(OrganisationKind.COOPERATIVE)
    page = queries.cooperative_page(reading(), cooperative.id, current_actor(), clock.now())
    return render_template("orders/reserves/index.html", page=page, form=None)


@bp.get("/<rate_id>")
@requires(Permission.PLATFORM_READ)
def rate(rate_id: str) -> ResponseReturnValue:
    """One rate, to decide about."""
    return _rate_page(rate_id, ShopForm(formdata=None), ReasonForm(formdata=None))


@bp.post("/<rate_id>/approval")
@requires(Permission.SETTLEMENT_APPROVE)
def approve(rate_id: str) -> ResponseReturnValue:
    """Approve a proposed rate."""
    form = ShopForm()
    if form.carried_out(
        commands.approve_rate, rate_id=rate_id, actor=current_actor(), now=clock.now()
    ):
        flash(_("已批准，到那一天起按这个比例计提。"), "ok")
        return redirect(url_for("reserves.index"), code=303)
    return _rate_page(rate_id, form, ReasonForm(formdata=None))


@bp.post("/<rate_id>/refusal")
@requires(Permission.SETTLEMENT_DRAFT, Permission.SETTLEMENT_APPROVE)
def refuse(rate_id: str) -> ResponseReturnValue:
    """Refuse a proposed rate, or take one's own back."""
    form = ReasonForm()
    if form.carried_out(
        commands.refuse_rate,
        rate_id=rate_id,
        reason=form.reason.data,
        actor=current_actor(),
        now=clock.now(),
    ):
        flash(_("没有批准，比例不变。"), "ok")
        return redirect(url_for("reserves.index"), code=303)
    return _rate_page(rate_id, ShopForm(formdata=None), form)


def _page(form: RateForm) -> ResponseReturnValue:
    page = queries.platform_page(fresh_reading(), current_actor(), clock.now())
    return render_template("orders/reserves/index.html", page=page, form=form), form.status


def _rate_page(rate_id: str, approving: ShopForm, refusing: ReasonForm) -> ResponseReturnValue:
    html = render_template(
        "orders/reserves/rate.html",
        rate=queries.rate_row(fresh_reading(), rate_id, current_actor()),
        approving=approving,
        refusing=refusing,
    )
    return html, max(approving.status, refusing.status)
