"""Pages of payment terms: the dated rules, and days that contracts agree on."""

from __future__ import annotations

from datetime import timedelta

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from orders.receivables import commands, term_queries
from orders.receivables.forms import AgreeForm, RuleForm
from orders.receivables.rules import STATUTE, Reminding
from shop.core import clock
from shop.core.permissions import Permission as P
from shop.organisations.acting import current_actor, requires
from shop.web.forms import ShopForm, WithdrawForm
from shop.web.views import fresh_reading

bp = Blueprint("payment_terms", __name__, url_prefix="/platform/payment-terms")


@bp.get("/")
@requires(P.PLATFORM_READ)
def index() -> ResponseReturnValue:
    """Every rule, the latest first, and what contracts agreed on."""
    return _page(ShopForm(formdata=None), AgreeForm(formdata=None))


@bp.route("/new", methods=["GET", "POST"])
@requires(P.TERMS_EDIT)
def new() -> ResponseReturnValue:
    """Propose what holds from a day on."""
    now = clock.now()
    form = RuleForm(
        from_day=clock.day_of(now) + timedelta(days=1),
        days=STATUTE.days,
        longest_days=STATUTE.longest_days,
        rate=STATUTE.rate,
        remind_before_days=STATUTE.reminding.before_days,
        remind_every_days=STATUTE.reminding.every_days,
        second_after_days=STATUTE.reminding.second_after_days,
        last_after_days=STATUTE.reminding.last_after_days,
    )
    if form.carried_out(
        commands.propose_rule,
        from_day=form.data["from_day"],
        days=form.days.data or 0,
        longest_days=form.longest_days.data or 0,
        rate=form.rate.data or 0,
        reminding=Reminding(
            form.remind_before_days.data or 0,
            form.remind_every_days.data or 0,
            form.second_after_days.data or 0,
            form.last_after_days.data or 0,
        ),
        source=form.source.data or "",
        actor=current_actor(),
        now=now,
    ):
        flash(_("已提交，请另一位同事复核。"), "ok")
        return redirect(url_for("payment_terms.index"), code=303)
    return render_template("orders/receivables/term_new.html", form=form), form.status


@bp.post("/<rule_id>/approve")
@requires(P.TERMS_APPROVE)
def approve(rule_id: str) -> ResponseReturnValue:
    """Let a rule come into force."""
    form = ShopForm()
    if form.carried_out(
        commands.approve_rule,
        rule_id=rule_id,
        actor=current_actor(),
        now=clock.now(),
    ):
        flash(_("已生效，从那一天起用；以前的单子不变。"), "ok")
        return redirect(url_for("payment_terms.index"), code=303)
    return _page(form, AgreeForm(formdata=None))


@bp.post("/<rule_id>/withdraw")
@requires(P.TERMS_EDIT)
def withdraw(rule_id: str) -> ResponseReturnValue:
    """Take back a rule nobody has approved."""
    form = WithdrawForm()
    if form.carried_out(
        commands.withdraw_rule,
        rule_id=rule_id,
        reason=form.reason.data or "",
        actor=current_actor(),
        now=clock.now(),
    ):
        flash(_("已撤回。"), "ok")
        return redirect(url_for("payment_terms.index"), code=303)
    return _page(form, AgreeForm(formdata=None))


@bp.post("/agreed")
@requires(P.TERMS_EDIT)
def agree() -> ResponseReturnValue:
    """Write down the days a contract agrees on."""
    form = AgreeForm()
    if form.carried_out(
        commands.agree_days,
        number=form.purchase.data or "",
        days=form.days.data or 0,
        ground=form.ground.data or "",
        actor=current_actor(),
        now=clock.now(),
    ):
        flash(_("已登记，验收时照这个天数算。"), "ok")
        return redirect(url_for("payment_terms.index"), code=303)
    return _page(ShopForm(formdata=None), form)


def _page(act_form: ShopForm, agree_form: AgreeForm) -> ResponseReturnValue:
    actor = current_actor()
    page = term_queries.terms_page(fresh_reading(), actor, clock.day_of(clock.now()))
    return (
        render_template(
            "orders/receivables/terms.html",
            page=page,
            statute=STATUTE,
            act_form=act_form,
            withdraw_form=WithdrawForm(formdata=None),
            agree_form=agree_form,
        ),
        max(act_form.status, agree_form.status),
    )
