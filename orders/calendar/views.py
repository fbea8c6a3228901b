"""Pages of the bank calendar."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from orders.calendar import commands, queries
from orders.calendar.forms import ChangeForm
from orders.calendar.states import DayKind
from shop.core import clock
from shop.core.errors import Refusal
from shop.core.permissions import Permission
from shop.organisations.acting import current_actor, requires
from shop.web.forms import ReasonForm, ShopForm
from shop.web.views import fresh_reading

bp = Blueprint("calendar", __name__, url_prefix="/platform/calendar")


@bp.route("/", methods=["GET", "POST"])
@requires(Permission.PLATFORM_READ)
def index() -> ResponseReturnValue:
    """The calendar, and a form that enters days."""
    form = ChangeForm()
    if form.validate_on_submit():
        assert form.first_day.data is not None
        assert form.last_day.data is not None
        try:
            commands.propose_change.once(form.once.data)(
                first_day=form.first_day.data,
                last_day=form.last_day.data,
                kind=DayKind(form.kind.data),
                reason=form.reason.data,
                actor=current_actor(),
                now=clock.now(),
            )
        except Refusal as refusal:
            form.refuse(refusal)
        else:
            flash(_("已登记，请另一位同事复核。"), "ok")
            return redirect(url_for("calendar.index"), code=303)
    return _page(form)


@bp.post("/<change_id>/confirmation")
@requires(Permission.PAYOUT_APPROVE)
def confirm(change_id: str) -> ResponseReturnValue:
    """Confirm entered days."""
    form = ShopForm()
    if form.validate_on_submit():
        try:
            commands.confirm_change.once(form.once.data)(
                change_id=change_id, actor=current_actor(), now=clock.now()
            )
        except Refusal as refusal:
            form.refuse(refusal)
        else:
            flash(_("已生效，以后按它算工作日。"), "ok")
            return redirect(url_for("calendar.index"), code=303)
    return _page(ChangeForm(formdata=None), form)


@bp.post("/<change_id>/refusal")
@requires(Permission.PAYOUT_DRAFT, Permission.PAYOUT_APPROVE)
def decline(change_id: str) -> ResponseReturnValue:
    """Decline entered days, or take one's own back."""
    form = ReasonForm()
    if form.validate_on_submit():
        try:
            commands.decline_change.once(form.once.data)(
                change_id=change_id,
                reason=form.reason.data,
                actor=current_actor(),
                now=clock.now(),
            )
        except Refusal as refusal:
            form.refuse(refusal)
        else:
            flash(_("没有采用，日历不变。"), "ok")
            return redirect(url_for("calendar.index"), code=303)
    return _page(ChangeForm(formdata=None), form)


def _page(form: ChangeForm, decided: ShopForm | None = None) -> ResponseReturnValue:
    page = queries.page(fresh_reading(), current_actor(), clock.now())
    decided = decided or ShopForm(formdata=None)
    html = render_template(
        "orders/calendar/index.html",
        page=page,
        form=form,
        decided=decided,
        declining=ReasonForm(formdata=None),
    )
    return html, max(form.status, decided.status)
