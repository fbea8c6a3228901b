"""Pages of disputes: the platform records and decides, the cooperative puts right."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from wtforms import SelectChoice

from products.disputes import commands, queries
from products.disputes.forms import DecideForm, MendForm, RecordForm, SharesForm
from products.lots.correcting import correct_shares
from shop.core import clock
from shop.core.errors import NotFound, Refusal
from shop.core.money import Money
from shop.core.permissions import Permission as P
from shop.organisations.acting import current_actor, current_organisation, requires
from shop.organisations.models import OrganisationKind
from shop.web.views import fresh_reading, reading

bp = Blueprint("disputes", __name__)


@bp.get("/platform/disputes/")
@requires(P.PLATFORM_READ)
def index() -> ResponseReturnValue:
    """Every dispute, undecided ones first."""
    return render_template(
        "products/disputes/index.html",
        disputes=queries.disputes(reading(), current_actor()),
        may_record=current_actor().may(P.DISPUTE_DECIDE),
        platform=True,
    )


@bp.get("/cooperative/disputes/")
@requires(P.LOT_READ)
def of_cooperative() -> ResponseReturnValue:
    """The disputes about a cooperative's lots."""
    cooperative = current_organisation(OrganisationKind.COOPERATIVE)
    return render_template(
        "products/disputes/index.html",
        disputes=queries.disputes(reading(), current_actor(), cooperative.id),
        may_record=False,
        platform=False,
    )


@bp.route("/platform/disputes/new", methods=["GET", "POST"])
@requires(P.DISPUTE_DECIDE)
def new() -> ResponseReturnValue:
    """Write down a dispute that came by telephone, letter or at the counter."""
    form = RecordForm()
    form.offer(queries.villages_to_choose(reading()))
    if form.validate_on_submit():
        try:
            dispute_id = commands.record_dispute.once(form.once.data)(
                lot=form.lot.data or "",
                household=form.household.data or "",
                village=form.village.data or "",
                claim=form.claim.data,
                words=form.words.data or "",
                received=form.received.data,
                actor=current_actor(),
                now=clock.now(),
            )
        except Refusal as refusal:
            form.refuse(refusal)
        else:
            flash(_("已登记，相关批次已冻结。请另一位同事核实裁定。"))
            return redirect(url_for("disputes.show", dispute_id=dispute_id), code=303)
    return render_template("products/disputes/new.html", form=form), form.status


@bp.get("/disputes/<dispute_id>")
@requires(P.PLATFORM_READ, P.LOT_READ)
def show(dispute_id: str) -> ResponseReturnValue:
    """One dispute: what is said, what stands still, what comes next."""
    return _page(dispute_id, DecideForm(formdata=None), MendForm(formdata=None))


@bp.post("/disputes/<dispute_id>/decision")
@requires(P.DISPUTE_DECIDE)
def decide(dispute_id: str) -> ResponseReturnValue:
    """Decide a dispute."""
    form = DecideForm()
    if form.validate_on_submit():
        try:
            commands.decide_dispute.once(form.once.data)(
                dispute_id=dispute_id,
                upheld=form.upheld.data == "yes",
                reason=form.reason.data or "",
                actor=current_actor(),
                now=clock.now(),
            )
        except Refusal as refusal:
            form.refuse(refusal)
        else:
            flash(_("已裁定，提出的人会看到理由。"))
            return redirect(url_for("disputes.show", dispute_id=dispute_id), code=303)
    return _page(dispute_id, form, MendForm(formdata=None))


@bp.post("/disputes/<dispute_id>/end")
@requires(P.DISPUTE_DECIDE)
def mend(dispute_id: str) -> ResponseReturnValue:
    """See that it was put right, and let the lots move again."""
    form = MendForm()
    if form.validate_on_submit():
        try:
            commands.mend_dispute.once(form.once.data)(
                dispute_id=dispute_id,
                reason=form.reason.data or "",
                actor=current_actor(),
                now=clock.now(),
            )
        except Refusal as refusal:
            form.refuse(refusal)
        else:
            flash(_("已更正，批次已解冻。"))
            return redirect(url_for("disputes.show", dispute_id=dispute_id), code=303)
    return _page(dispute_id, DecideForm(formdata=None), form)


@bp.route("/disputes/<dispute_id>/correction", methods=["GET", "POST"])
@requires(P.LOT_MAKE)
def correct(dispute_id: str) -> ResponseReturnValue:
    """The cooperative says what a disputed delivery really was."""
    page = queries.dispute(reading(), dispute_id, current_actor())
    if not page.may_correct:
        raise NotFound()
    delivery = page.delivery(request.args.get("lot"))
    form = SharesForm(
        household_id=delivery.household_id,
        grams=delivery.grams,
        fen_per_kg=Money(delivery.fen_per_kg),
        payment=delivery.payment,
    )
    form.household_id.choices = [
        SelectChoice(key, name) for key, name in queries.households_to_choose(reading(), dispute_id)
    ]
    if form.validate_on_submit():
        try:
            correct_shares.once(form.once.data)(
                lot_id=delivery.lot_id,
                household_id=form.household_id.data,
                grams=form.data["grams"],
                fen_per_kg=form.data["fen_per_kg"].fen,
                payment=form.payment.data,
                reason=form.reason.data or "",
                actor=current_actor(),
                now=clock.now(),
            )
        except Refusal as refusal:
            form.refuse(refusal)
        else:
            flash(_("份额已更正。平台核对后会解冻。"))
            return redirect(url_for("disputes.show", dispute_id=dispute_id), code=303)
    return render_template(
        "products/disputes/correct.html", page=page, delivery=delivery, form=form
    ), form.status


def _page(dispute_id: str, deciding: DecideForm, mending: MendForm) -> ResponseReturnValue:
    page = render_template(
        "products/disputes/show.html",
        page=queries.dispute(fresh_reading(), dispute_id, current_actor()),
        deciding=deciding,
        mending=mending,
        from_platform=current_actor().may(P.PLATFORM_READ),
    )
    return page, max(deciding.status, mending.status)
