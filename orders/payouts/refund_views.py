"""Pages of refunds for the platform, and of the account one goes to instead."""

from __future__ import annotations

import io
from collections.abc import Callable

from flask import Blueprint, flash, redirect, render_template, send_file, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from orders.payouts import refund_accounts as commands
from orders.payouts import refund_queries as queries
from orders.payouts.refund_forms import ConfirmRefundAccountForm, ProofForm, RefundAccountForm
from shop.core import clock
from shop.core.errors import Refusal
from shop.core.permissions import Permission as P
from shop.organisations.acting import current_actor, requires
from shop.web.forms import ReasonForm, ShopForm
from shop.web.views import fresh_reading, reading

bp = Blueprint("refunds", __name__, url_prefix="/platform/refunds")

_FORMS: dict[str, type[ShopForm]] = {
    "propose": RefundAccountForm,
    "confirm": ConfirmRefundAccountForm,
    "decline": ReasonForm,
    "look": ProofForm,
}


@bp.get("/")
@requires(P.PLATFORM_READ)
def index() -> ResponseReturnValue:
    """The refunds, those somebody has to do something about first."""
    return render_template(
        "orders/refunds/index.html", refunds=queries.refunds(reading(), current_actor())
    )


@bp.get("/<refund_id>")
@requires(P.PLATFORM_READ)
def show(refund_id: str) -> ResponseReturnValue:
    """One refund: how far it has come, and on which account."""
    return _page(refund_id)


@bp.post("/<refund_id>/accounts")
@requires(P.PAYOUT_DRAFT)
def propose(refund_id: str) -> ResponseReturnValue:
    """Propose another account for it."""
    form = RefundAccountForm()
    form.offer(queries.refund_page(reading(), refund_id, current_actor()))

    def work() -> None:
        commands.propose_refund_account.once(form.once.data)(
            refund_id=refund_id,
            holder=form.holder.data,
            number=form.number.data,
            bank=form.bank.data,
            cnaps=form.cnaps.data or "",
            reason=form.reason.data,
            file_name=form.file.data.filename,
            media_type=form.file.media_type,
            content=form.file.content,
            actor=current_actor(),
            now=clock.now(),
        )

    return _done(refund_id, "propose", form, work, _("已提出，请另一位同事复核。"))


@bp.post("/<refund_id>/accounts/<proposal_id>/confirmation")
@requires(P.PAYOUT_APPROVE)
def confirm(refund_id: str, proposal_id: str) -> ResponseReturnValue:
    """Confirm a proposed account."""
    form = ConfirmRefundAccountForm()

    def work() -> None:
        commands.confirm_refund_account.once(form.once.data)(
            proposal_id=proposal_id,
            last4=form.last4.data or "",
            actor=current_actor(),
            now=clock.now(),
        )

    return _done(refund_id, "confirm", form, work, _("已更换，随下一批打款退到新账户。"))


@bp.post("/<refund_id>/accounts/<proposal_id>/refusal")
@requires(P.PAYOUT_DRAFT, P.PAYOUT_APPROVE)
def decline(refund_id: str, proposal_id: str) -> ResponseReturnValue:
    """Decline a proposed account, or take it back."""
    form = ReasonForm()

    def work() -> None:
        commands.decline_refund_account.once(form.once.data)(
            proposal_id=proposal_id,
            reason=form.reason.data,
            actor=current_actor(),
            now=clock.now(),
        )

    return _done(refund_id, "decline", form, work, _("没有采用，仍退回原账户。"))


@bp.post("/<refund_id>/accounts/<proposal_id>/proof")
@requires(P.PAYOUT_DRAFT, P.PAYOUT_APPROVE)
def look(refund_id: str, proposal_id: str) -> ResponseReturnValue:
    """Open the proof of a proposed account; the look is kept."""
    form = ProofForm()
    if not form.validate_on_submit():
        return _page(refund_id, "look", form)
    try:
        proof = commands.look_at_proof(
            proposal_id=proposal_id,
            reason=form.reason.data or "",
            actor=current_actor(),
            now=clock.now(),
        )
    except Refusal as refusal:
        form.refuse(refusal)
        return _page(refund_id, "look", form)
    answer = send_file(
        io.BytesIO(proof.content),
        mimetype=proof.media_type,
        as_attachment=True,
        download_name=proof.file_name,
    )
    answer.headers["Cache-Control"] = "no-store"
    return answer


def _done(
    refund_id: str, name: str, form: ShopForm, work: Callable[[], None], said: str
) -> ResponseReturnValue:
    if form.done(work):
        flash(said, "ok")
        return redirect(url_for("refunds.show", refund_id=refund_id), code=303)
    return _page(refund_id, name, form)


def _page(refund_id: str, name: str = "", sent: ShopForm | None = None) -> ResponseReturnValue:
    page = queries.refund_page(fresh_reading(), refund_id, current_actor())
    forms = {
        key: sent if sent is not None and key == name else kind(formdata=None)
        for key, kind in _FORMS.items()
    }
    proposing = forms["propose"]
    assert isinstance(proposing, RefundAccountForm)
    proposing.offer(page)
    for key, form in forms.items():
        form.apart(key)
    html = render_template("orders/refunds/show.html", page=page, row=page.row, forms=forms)
    return html, sent.status if sent else 200
