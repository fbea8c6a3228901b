"""Pages of tests: recording one, lifting the freeze of one that failed, its report."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from products.quality import commands, public_queries, queries
from products.quality.forms import ClearForm, LotTestForm
from products.quality.rows import LotPapers
from products.quality.views import handed_out
from shop.core import clock
from shop.core.errors import Refusal
from shop.core.permissions import Permission as P
from shop.organisations.acting import (
    current_actor,
    current_organisation,
    my_organisations,
    requires,
)
from shop.organisations.models import OrganisationKind
from shop.web.views import reading

bp = Blueprint("lot_tests", __name__, url_prefix="/cooperative/tests")


@bp.route("/of/<lot_id>/new", methods=["GET", "POST"])
@requires(P.CERTIFICATE_EDIT)
def new(lot_id: str) -> ResponseReturnValue:
    """Record what a test found of a lot, with its report."""
    cooperative = current_organisation(OrganisationKind.COOPERATIVE)
    lot = queries.lot_named(reading(), lot_id, cooperative.id, current_actor())
    form = LotTestForm(tested_on=clock.day_of(clock.now()))
    if form.validate_on_submit():
        passed = form.passed.data == "yes"
        try:
            commands.record_test.once(form.once.data)(
                lot_id=lot_id,
                subject=form.subject.data,
                agency=form.agency.data,
                report=form.report.data,
                passed=passed,
                tested_on=form.day(),
                valid_until=form.valid_until.data,
                scan=form.scan(),
                public=form.public.data,
                actor=current_actor(),
                now=clock.now(),
            )
        except Refusal as refusal:
            form.refuse(refusal)
        else:
            flash(_("检验已登记。") if passed else _("检验已登记，这一批已经冻结。"))
            return redirect(url_for("lots.show", lot_id=lot_id), code=303)
    return render_template("products/quality/new_test.html", lot=lot, form=form), form.status


@bp.route("/<test_id>/clear", methods=["GET", "POST"])
@requires(P.ALARM_DECIDE)
def clear(test_id: str) -> ResponseReturnValue:
    """Lift the freeze of a failed test, as a second person."""
    test, _cooperative = queries.lot_test(reading(), test_id, current_actor())
    form = ClearForm()
    if form.validate_on_submit():
        try:
            commands.clear_test.once(form.once.data)(
                test_id=test_id,
                reason=form.reason.data,
                actor=current_actor(),
                now=clock.now(),
            )
        except Refusal as refusal:
            form.refuse(refusal)
        else:
            flash(_("已解冻，复核的话和检验记录一起保存。"))
            return redirect(url_for("lot_tests.clear", test_id=test_id), code=303)
    return render_template("products/quality/clear_test.html", test=test, form=form), form.status


@bp.get("/<test_id>/report")
@requires(P.LOT_READ)
def report(test_id: str) -> ResponseReturnValue:
    """Download the report of a test."""
    return handed_out(queries.report_file(reading(), test_id, current_actor()))


def papers_of_lot(lot_id: str) -> LotPapers:
    """The papers of a lot (public id) for its page, whose actor has been checked.

    A part of the lot's page that stands here because lots know nothing of tests.
    """
    return public_queries.of_lot_named(reading(), lot_id)


def papers_desk() -> dict[str, bool]:
    """What the reader of a lot's page may do with its papers; `home` is a cooperative's own."""
    own = next(
        (row for row, _roles in my_organisations() if row.kind is OrganisationKind.COOPERATIVE),
        None,
    )
    actor = current_actor()
    return {
        "home": own is not None,
        "write": own is not None and actor.may(P.CERTIFICATE_EDIT, own.id),
        "clear": actor.may(P.ALARM_DECIDE),
    }
