"""Pages of returns: the buyer asks, the cooperative answers and inspects, the platform looks on."""

from __future__ import annotations

from collections.abc import Callable

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from orders.returns import carried, commands, queries
from orders.returns.forms import AnswerForm, InspectForm, SendForm
from orders.returns.goods_queries import goods_page
from orders.shipments import inspecting, worklists
from orders.shipments.forms import ReturnForm
from shop.core import clock
from shop.core.errors import NotAllowed, Refusal
from shop.core.permissions import Permission as P
from shop.organisations.acting import current_actor, current_organisation, requires, signed_in
from shop.organisations.models import OrganisationKind
from shop.web.forms import ReasonForm, ShopForm, WithdrawForm
from shop.web.views import fresh_reading, reading

#: By which action each form of the page of a request is shown.
_SHOWN: dict[type[ShopForm], str] = {
    AnswerForm: "agree",
    SendForm: "send",
    WithdrawForm: "withdraw",
    ReasonForm: "reject",
    InspectForm: "inspect",
}

bp = Blueprint("returns", __name__, url_prefix="/returns")


@bp.get("/")
@requires(P.ORDER_READ, P.PLATFORM_READ)
def desk() -> ResponseReturnValue:
    """What a cooperative has to answer and to inspect; the platform is led to everybody's."""
    if current_actor().may(P.PLATFORM_READ):
        return redirect(url_for("returns.everything"), code=303)
    cooperative = current_organisation(OrganisationKind.COOPERATIVE)
    page = queries.desk(reading(), cooperative.id, current_actor())
    kept = carried.of_cooperative(reading(), cooperative.id, current_actor())
    return render_template("orders/returns/desk.html", desk=page, carried=kept, own=True)


@bp.get("/all")
@requires(P.PLATFORM_READ)
def everything() -> ResponseReturnValue:
    """The returns of every cooperative."""
    page = queries.everything(reading(), current_actor())
    kept = carried.everything(reading(), current_actor())
    return render_template("orders/returns/desk.html", desk=page, carried=kept, own=False)


@bp.route("/of/<acceptance_id>/new", methods=["GET", "POST"])
@signed_in
def new(acceptance_id: str) -> ResponseReturnValue:
    """Ask to send accepted goods back."""
    signing = worklists.signing(reading(), acceptance_id, current_actor())
    form = ReturnForm()
    if form.validate_on_submit():
        try:
            request_id = commands.ask_return.once(form.once.data)(
                acceptance_id=acceptance_id,
                lines=form.sent_back(),
                reason=form.reason.data,
                actor=current_actor(),
                now=clock.now(),
            )
        except Refusal as refusal:
            form.refuse(refusal)
        else:
            flash(_("已提交退货申请，等合作社答复。"), "ok")
            return redirect(url_for("returns.show", request_id=request_id), code=303)
    elif not form.is_submitted():
        form.start(signing.acceptance)
    page = render_template("orders/returns/new.html", form=form, signing=signing)
    return page, form.status


@bp.get("/<request_id>")
@signed_in
def show(request_id: str) -> ResponseReturnValue:
    """One request: what was asked, what happened, what can be done."""
    return _page(request_id)


@bp.post("/<request_id>/answer")
@requires(P.RETURN_DECIDE)
def answer(request_id: str) -> ResponseReturnValue:
    """Answer a request."""
    form = AnswerForm()

    def work() -> None:
        commands.answer_return.once(form.once.data)(
            request_id=request_id,
            answer=form.chosen,
            note=form.note.data or "",
            actor=current_actor(),
            now=clock.now(),
        )

    return _done(request_id, form, work, _("已答复，对方会看到。"))


@bp.post("/<request_id>/sending")
@signed_in
def send(request_id: str) -> ResponseReturnValue:
    """The buyer has sent the goods back."""
    form = SendForm()

    def work() -> None:
        commands.send_return.once(form.once.data)(
            request_id=request_id,
            waybill=form.waybill.data or "",
            actor=current_actor(),
            now=clock.now(),
        )

    return _done(request_id, form, work, _("已登记寄回，合作社收到后验收。"))


@bp.post("/<request_id>/withdrawal")
@signed_in
def withdraw(request_id: str) -> ResponseReturnValue:
    """The buyer keeps the goods after all."""
    form = WithdrawForm()

    def work() -> None:
        commands.withdraw_return.once(form.once.data)(
            request_id=request_id,
            reason=form.reason.data,
            actor=current_actor(),
            now=clock.now(),
        )

    return _done(request_id, form, work, _("已撤回退货申请。"))


@bp.post("/<request_id>/rejection")
@requires(P.RETURN_DECIDE)
def reject(request_id: str) -> ResponseReturnValue:
    """What came back is not what was agreed to."""
    form = ReasonForm()

    def work() -> None:
        commands.reject_return.once(form.once.data)(
            request_id=request_id,
            reason=form.reason.data,
            actor=current_actor(),
            now=clock.now(),
        )

    return _done(request_id, form, work, _("已登记验收不通过，没有退款。"))


@bp.post("/<request_id>/inspection")
@requires(P.RETURN_DECIDE)
def inspect(request_id: str) -> ResponseReturnValue:
    """Count what came back; stock and money move with it."""
    form = InspectForm()

    def work() -> None:
        commands.inspect_request.once(form.once.data)(
            request_id=request_id,
            counts=form.counts(),
            note=form.note.data or "",
            actor=current_actor(),
            now=clock.now(),
        )

    return _done(request_id, form, work, _("已验收，库存已更新，货款会原路退回。"))


@bp.route("/goods/<return_id>", methods=["GET", "POST"])
@signed_in
def goods(return_id: str) -> ResponseReturnValue:
    """One return whose money has moved: what of it still has to be inspected."""
    form = InspectForm()
    seller = goods_page(fresh_reading(), return_id, current_actor()).row.cooperative_id
    if form.is_submitted() and not current_actor().may(P.RETURN_DECIDE, seller):
        raise NotAllowed(permission=P.RETURN_DECIDE.label)
    if form.validate_on_submit():
        try:
            inspecting.inspect_return.once(form.once.data)(
                return_id=return_id,
                counts=form.counts(),
                note=form.note.data or "",
                actor=current_actor(),
                now=clock.now(),
            )
        except Refusal as refusal:
            form.refuse(refusal)
        else:
            flash(_("已验收，库存已更新。"), "ok")
            return redirect(url_for("returns.goods", return_id=return_id), code=303)
    page = goods_page(fresh_reading(), return_id, current_actor())
    if not form.is_submitted():
        form.start(page.lines)
    html = render_template("orders/returns/goods.html", page=page, row=page.row, form=form)
    return html, form.status


def _done(
    request_id: str, form: ShopForm, work: Callable[[], None], said: str
) -> ResponseReturnValue:
    if form.validate_on_submit():
        try:
            work()
        except Refusal as refusal:
            form.refuse(refusal)
        else:
            flash(said, "ok")
            return redirect(url_for("returns.show", request_id=request_id), code=303)
    return _page(request_id, form)


def _page(request_id: str, sent: ShopForm | None = None) -> ResponseReturnValue:
    page = queries.request_page(fresh_reading(), request_id, current_actor(), clock.now())
    forms = {kind: sent if isinstance(sent, kind) else kind(formdata=None) for kind in _SHOWN}
    if not isinstance(sent, InspectForm):
        forms[InspectForm].start(page.lines)
    for name, form in (("withdraw", forms[WithdrawForm]), ("reject", forms[ReasonForm])):
        form.apart(name)
    forms[InspectForm].note.id = forms[InspectForm].note.label.field_id = "inspect-note"
    html = render_template(
        "orders/returns/show.html",
        page=page,
        sent=sent,
        sent_shown=any(
            isinstance(sent, kind) and action in page.actions for kind, action in _SHOWN.items()
        ),
        answering=forms[AnswerForm],
        sending=forms[SendForm],
        withdrawing=forms[WithdrawForm],
        rejecting=forms[ReasonForm],
        inspecting=forms[InspectForm],
    )
    return html, sent.status if sent else 200
