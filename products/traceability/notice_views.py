"""What was scanned and what was complained of: for the cooperative, and for the platform of all."""

from __future__ import annotations

from flask import Blueprint, current_app, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from products.traceability import complaints, notice_queries
from products.traceability.forms import AnswerForm
from products.traceability.rules import ODD_ABOVE_DAYS, ODD_ABOVE_SCANS
from shop.core import clock
from shop.core.errors import NotAllowed, Refusal
from shop.core.permissions import Permission as P
from shop.organisations.acting import current_actor, current_organisation, may_open, requires
from shop.organisations.models import OrganisationKind
from shop.web.forms import ReasonForm, ShopForm
from shop.web.views import fresh_reading, reading

bp = Blueprint("notices", __name__, url_prefix="/cooperative")


@bp.get("/scans/")
@requires(P.LOT_READ)
def scans() -> ResponseReturnValue:
    """Codes confirmed for the first time, or oddly often."""
    rows = notice_queries.notices(reading(), _whose(), current_actor())
    return render_template(
        "products/traceability/scans.html", notices=rows, odd=(ODD_ABOVE_SCANS, ODD_ABOVE_DAYS)
    )


@bp.get("/complaints/")
@requires(P.COMPLAINT_ANSWER)
def index() -> ResponseReturnValue:
    """Complaints, those that wait first."""
    rows = notice_queries.complaints(reading(), _whose(), current_actor())
    return render_template("products/traceability/complaints.html", complaints=rows)


@bp.get("/complaints/<complaint_id>")
@requires(P.COMPLAINT_ANSWER)
def complaint(complaint_id: str) -> ResponseReturnValue:
    """One complaint, to be answered, closed, or followed by a recall."""
    return _page(complaint_id)


@bp.post("/complaints/<complaint_id>/answer")
@requires(P.COMPLAINT_ANSWER)
def answer(complaint_id: str) -> ResponseReturnValue:
    """Answer it."""
    form = AnswerForm()
    if form.validate_on_submit():
        try:
            complaints.answer_complaint.once(form.once.data)(
                complaint_id=complaint_id,
                answer=form.answer.data or "",
                actor=current_actor(),
                now=clock.now(),
            )
            flash(_("已答复，投诉人打开自己的网址就能看到。"))
            return _back(complaint_id)
        except Refusal as refusal:
            form.refuse(refusal)
    return _page(complaint_id, sent=form, answer=form)


@bp.post("/complaints/<complaint_id>/close")
@requires(P.COMPLAINT_ANSWER)
def close(complaint_id: str) -> ResponseReturnValue:
    """Close it."""
    form = ReasonForm()
    if form.validate_on_submit():
        try:
            complaints.close_complaint.once(form.once.data)(
                complaint_id=complaint_id,
                reason=form.reason.data or "",
                actor=current_actor(),
                now=clock.now(),
            )
            flash(_("已结案。"))
            return _back(complaint_id)
        except Refusal as refusal:
            form.refuse(refusal)
    return _page(complaint_id, sent=form, close=form)


@bp.post("/complaints/<complaint_id>/phone")
@requires(P.COMPLAINT_ANSWER)
def look(complaint_id: str) -> ResponseReturnValue:
    """Show the telephone number; the look is written down."""
    form = ReasonForm()
    phone = ""
    if form.validate_on_submit():
        try:
            phone = complaints.look_at_phone(
                complaint_id=complaint_id,
                reason=form.reason.data or "",
                actor=current_actor(),
                now=clock.now(),
            )
        except Refusal as refusal:
            form.refuse(refusal)
    return _page(complaint_id, sent=form, phone=phone, look=form)


def _page(
    complaint_id: str, sent: ShopForm | None = None, phone: str = "", **forms: ShopForm
) -> ResponseReturnValue:
    found = notice_queries.complaint(fresh_reading(), complaint_id, current_actor())
    shown: dict[str, ShopForm] = {
        "answer": AnswerForm(formdata=None, data={"answer": found.answer}),
        "close": ReasonForm(formdata=None),
        "look": ReasonForm(formdata=None),
    }
    shown |= forms
    for name, form in shown.items():
        form.apart(name)
    return render_template(
        "products/traceability/complaint.html",
        complaint=found,
        forms=shown,
        sent=sent,
        phone=phone,
        recall=_recall_of(found.lot_id),
    ), sent.status if sent else 200


def _recall_of(lot_id: str) -> str:
    """Where a recall of the lot is started, for whoever may; empty where recalls are not kept."""
    endpoint = "recall_desk.new"
    if endpoint not in current_app.view_functions or not may_open(endpoint):
        return ""
    return url_for(endpoint, kind="lot", what=lot_id)


def _back(complaint_id: str) -> ResponseReturnValue:
    return redirect(url_for("notices.complaint", complaint_id=complaint_id), code=303)


def _whose() -> int | None:
    """The cooperative whose things are shown; None for the platform's people, who see all."""
    organisation = current_organisation()
    if organisation.kind is OrganisationKind.PLATFORM:
        return None
    if organisation.kind is OrganisationKind.COOPERATIVE:
        return organisation.id
    raise NotAllowed()
