"""The page on which the platform says of which goods certificates are asked for."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from products.certificates import commands, queries
from products.certificates.forms import CertificateRuleForm
from shop.core import clock
from shop.core.errors import Refusal
from shop.core.permissions import Permission as P
from shop.organisations.acting import current_actor, requires
from shop.web.views import fresh_reading

bp = Blueprint("certificate_rules", __name__, url_prefix="/platform/certificate-rules")


@bp.route("/", methods=["GET", "POST"])
@requires(P.MASS_RULE_EDIT)
def index() -> ResponseReturnValue:
    """Every rule, and a form for one more; rules are never changed."""
    form = CertificateRuleForm(from_day=clock.day_of(clock.now()))
    if form.validate_on_submit():
        try:
            commands.set_certificate_rule.once(form.once.data)(
                category=form.category.data,
                from_day=form.data["from_day"],
                demanded=form.demanded.data == "yes",
                actor=current_actor(),
                now=clock.now(),
            )
        except Refusal as refusal:
            form.refuse(refusal)
        else:
            flash(_("规定已登记，从那一天起照办。"))
            return redirect(url_for("certificate_rules.index"), code=303)
    return render_template(
        "products/certificates/rules.html",
        rules=queries.rules(fresh_reading(), current_actor()),
        form=form,
    ), form.status
