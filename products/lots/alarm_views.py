"""Pages of alarms of mass balance: the list, and the second signature."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from products.lots import alarm_queries, scope
from products.lots.alarms import decide_alarm
from products.lots.rule_forms import DecideForm
from shop.core import clock
from shop.core.errors import Refusal
from shop.core.permissions import Permission as P
from shop.organisations.acting import current_actor, requires
from shop.web.views import reading

bp = Blueprint("alarms", __name__, url_prefix="/cooperative/alarms")


@bp.get("/")
@requires(P.ALARM_DECIDE)
def index() -> ResponseReturnValue:
    """What does not add up; the operator sees every cooperative's, or one's by choice."""
    offered = scope.to_choose()
    cooperative = scope.chosen(offered)
    return render_template(
        "products/lots/alarms.html",
        alarms=alarm_queries.alarms(
            reading(), cooperative.id if cooperative else None, current_actor()
        ),
        cooperative=cooperative,
        offered=offered,
    )


@bp.route("/<alarm_id>", methods=["GET", "POST"])
@requires(P.ALARM_DECIDE)
def show(alarm_id: str) -> ResponseReturnValue:
    """One alarm; another than who recorded the lot explains it or confirms it."""
    page = alarm_queries.alarm(reading(), alarm_id, current_actor())
    form = DecideForm()
    if form.validate_on_submit():
        try:
            decide_alarm.once(form.once.data)(
                alarm_id=alarm_id,
                all_is_well=form.verdict.data == "clear",
                reason=form.reason.data,
                actor=current_actor(),
                now=clock.now(),
            )
        except Refusal as refusal:
            form.refuse(refusal)
        else:
            flash(
                _("已签字：复核无误，批次解冻。")
                if form.verdict.data == "clear"
                else _("已签字：确认有问题，批次继续冻结。")
            )
            return redirect(url_for("alarms.show", alarm_id=alarm_id), code=303)
    return render_template("products/lots/alarm.html", page=page, form=form), form.status
