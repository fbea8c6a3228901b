"""Pages of mass rules: what is plausible of goods, dated, for every cooperative."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from products.lots import rule_queries
from products.lots.alarms import set_mass_rule
from products.lots.rule_forms import MassRuleForm
from shop.core import clock
from shop.core.errors import Refusal
from shop.core.permissions import Permission as P
from shop.organisations.acting import current_actor, requires
from shop.web.views import reading

bp = Blueprint("mass_rules", __name__, url_prefix="/platform/mass-rules")


@bp.get("/")
@requires(P.MASS_RULE_EDIT)
def index() -> ResponseReturnValue:
    """Every rule, those in force first, with what they replaced."""
    today = clock.day_of(clock.now())
    return render_template(
        "products/lots/mass_rules.html",
        rules=rule_queries.rules(reading(), current_actor(), today),
    )


@bp.route("/new", methods=["GET", "POST"])
@requires(P.MASS_RULE_EDIT)
def new() -> ResponseReturnValue:
    """Say what is plausible of some goods from a day on."""
    form = MassRuleForm(from_day=clock.day_of(clock.now()))
    if form.validate_on_submit():
        try:
            set_mass_rule.once(form.once.data)(
                category=form.category.data,
                goods=form.goods.data or "",
                grade=form.grade.data or "",
                from_day=form.data["from_day"],
                ratio_low=form.ratio_low.data,
                ratio_high=form.ratio_high.data,
                most_grams_per_mu=form.data["most_grams_per_mu"],
                actor=current_actor(),
                now=clock.now(),
            )
        except Refusal as refusal:
            form.refuse(refusal)
        else:
            flash(_("标准已登记，从那一天起用；以前的批次仍按当时的标准。"))
            return redirect(url_for("mass_rules.index"), code=303)
    return render_template("products/lots/mass_rule_new.html", form=form), form.status
