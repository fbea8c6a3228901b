"""Pages of checking and signing for what arrived."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from orders.shipments import accepting as commands
from orders.shipments import worklists
from orders.shipments.forms import CountForm, SignForm
from shop.core import clock
from shop.core.errors import Refusal
from shop.core.permissions import Permission as P
from shop.organisations.acting import current_actor, current_organisation, requires, signed_in
from shop.organisations.models import OrganisationKind
from shop.web.forms import ShopForm, WithdrawForm
from shop.web.views import reading

bp = Blueprint("acceptances", __name__, url_prefix="/acceptances")


@bp.get("/")
@requires(P.ACCEPTANCE_SIGN)
def index() -> ResponseReturnValue:
    """What waits for this union: goods to count, counts to sign, and what is signed."""
    union = current_organisation(OrganisationKind.UNION)
    actor = current_actor()
    desk = worklists.acceptance_desk(reading(), union.id, actor)
    return render_template("orders/shipments/acceptances.html", union=union, desk=desk, actor=actor)


@bp.route("/of/<shipment_id>", methods=["GET", "POST"])
@requires(P.ACCEPTANCE_SIGN)
def new(shipment_id: str) -> ResponseReturnValue:
    """Count a shipment and sign first."""
    arrival = worklists.arrival(reading(), shipment_id, current_actor())
    form = CountForm()
    if form.validate_on_submit():
        try:
            acceptance_id = commands.sign_first.once(form.once.data)(
                shipment_id=shipment_id,
                counts=form.counted(),
                note=form.note.data or "",
                actor=current_actor(),
                now=clock.now(),
            )
        except Refusal as refusal:
            form.refuse(refusal)
        else:
            flash(_("已签字，还要另一位同事核对后签字才算验收。"))
            return redirect(url_for("acceptances.show", acceptance_id=acceptance_id), code=303)
    elif not form.is_submitted():
        form.start(arrival.shipment)
    page = render_template("orders/shipments/count.html", form=form, arrival=arrival)
    return page, form.status


@bp.get("/<acceptance_id>")
@signed_in
def show(acceptance_id: str) -> ResponseReturnValue:
    """One acceptance: what was counted, who signed, what can be done."""
    return _page(acceptance_id, SignForm(), WithdrawForm(formdata=None))


@bp.get("/<acceptance_id>/returns/new")
@signed_in
def old_return(acceptance_id: str) -> ResponseReturnValue:
    """Where returns were registered before they were asked for."""
    worklists.signing(reading(), acceptance_id, current_actor())  # not found unless theirs to see
    return redirect(url_for("returns.new", acceptance_id=acceptance_id), code=301)


@bp.post("/<acceptance_id>/signature")
@requires(P.ACCEPTANCE_SIGN)
def sign(acceptance_id: str) -> ResponseReturnValue:
    """Sign as the second person; the goods count as accepted from now on."""
    form = SignForm()
    if form.validate_on_submit():
        try:
            commands.sign_second.once(form.once.data)(
                acceptance_id=acceptance_id, actor=current_actor(), now=clock.now()
            )
        except Refusal as refusal:
            form.refuse(refusal)
        else:
            flash(_("两人已签字，验收完成。验收单可以打印了。"))
            return redirect(url_for("acceptances.show", acceptance_id=acceptance_id), code=303)
    return _page(acceptance_id, form, WithdrawForm(formdata=None))


@bp.post("/<acceptance_id>/withdrawal")
@requires(P.ACCEPTANCE_SIGN)
def withdraw(acceptance_id: str) -> ResponseReturnValue:
    """Take back a count that nobody has signed as second, to count again."""
    form = WithdrawForm()
    if form.validate_on_submit():
        try:
            commands.withdraw_acceptance.once(form.once.data)(
                acceptance_id=acceptance_id,
                reason=form.reason.data,
                actor=current_actor(),
                now=clock.now(),
            )
        except Refusal as refusal:
            form.refuse(refusal)
        else:
            flash(_("已撤回，请重新清点。"))
            return redirect(url_for("acceptances.index"), code=303)
    return _page(acceptance_id, SignForm(formdata=None), form)


@bp.route("/confirmations/<shipment_id>", methods=["GET", "POST"])
@signed_in
def confirm(shipment_id: str) -> ResponseReturnValue:
    """A retail buyer says that the goods arrived."""
    arrival = worklists.arrival(reading(), shipment_id, current_actor())
    form = ShopForm()
    if form.validate_on_submit():
        try:
            commands.confirm_receipt.once(form.once.data)(
                shipment_id=shipment_id, actor=current_actor(), now=clock.now()
            )
        except Refusal as refusal:
            form.refuse(refusal)
        else:
            flash(_("已确认收货。"))
            address = url_for("purchases.show", purchase_id=arrival.buyer.purchase_id)
            return redirect(address, code=303)
    return render_template("orders/shipments/confirm.html", form=form, arrival=arrival), form.status


def _page(
    acceptance_id: str, sign_form: SignForm, withdraw_form: WithdrawForm
) -> ResponseReturnValue:
    actor = current_actor()
    signing = worklists.signing(reading(), acceptance_id, actor)
    page = render_template(
        "orders/shipments/acceptance.html",
        signing=signing,
        acceptance=signing.acceptance,
        actions=worklists.actions_for(signing, actor),
        sign_form=sign_form,
        withdraw_form=withdraw_form,
    )
    return page, max(sign_form.status, withdraw_form.status)
