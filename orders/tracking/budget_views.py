"""Pages of union budgets; the moves lead to their purchases, so they stand here."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from orders.budgets import commands, queries
from orders.budgets.forms import BudgetForm
from orders.tracking.queries import purchases_about
from shop.core import clock
from shop.core.errors import Refusal
from shop.core.money import ZERO
from shop.core.permissions import Permission as P
from shop.organisations.acting import current_actor, current_organisation, requires
from shop.organisations.models import OrganisationKind
from shop.web.views import reading

bp = Blueprint("budgets", __name__, url_prefix="/union/budgets")


@bp.get("/")
@requires(P.PURCHASE_READ)
def index() -> ResponseReturnValue:
    """The union's budgets, each with its meter."""
    union = current_organisation(OrganisationKind.UNION)
    actor = current_actor()
    return render_template(
        "orders/budgets/index.html",
        union=union,
        budgets=queries.budgets_of(reading(), union.id, actor),
        may_set=actor.may(P.BUDGET_SET, union.id),
    )


@bp.route("/new", methods=["GET", "POST"])
@requires(P.BUDGET_SET)
def new() -> ResponseReturnValue:
    """Enter a budget, or change the amount of one that is there."""
    union = current_organisation(OrganisationKind.UNION)
    form = BudgetForm(year=clock.day_of(clock.now()).year, purpose=request.args.get("purpose", ""))
    if form.validate_on_submit():
        try:
            budget_id = commands.set_budget.once(form.once.data)(
                union_id=union.public_id,
                year=form.year.data or 0,
                purpose=form.purpose.data,
                amount=form.amount.data or ZERO,
                actor=current_actor(),
                now=clock.now(),
            )
        except Refusal as refusal:
            form.refuse(refusal)
        else:
            flash(_("经费已登记。"))
            return redirect(url_for("budgets.show", budget_id=budget_id), code=303)
    return render_template("orders/budgets/new.html", form=form, union=union), form.status


@bp.get("/<budget_id>")
@requires(P.PURCHASE_READ, P.PLATFORM_READ, P.AUDIT_READ)
def show(budget_id: str) -> ResponseReturnValue:
    """One budget: its meter, and the moves behind every figure."""
    actor = current_actor()
    budget = queries.budget(reading(), budget_id, actor)
    moves = queries.moves_of(reading(), budget)
    return render_template(
        "orders/budgets/show.html",
        budget=budget,
        moves=moves,
        purchases=purchases_about(reading(), [move.about for move in moves]),
        may_set=actor.may(P.BUDGET_SET, budget.union_id),
    )
