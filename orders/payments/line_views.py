"""Pages of money waiting for its purchase, and of single lines."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from orders.payments import explaining, held_queries, hooks, matching, queue_queries
from orders.payments.forms import (
    ExplainForm,
    FeeForm,
    LineReasonForm,
    MatchForm,
    PickForm,
    SendBackForm,
    WishForm,
)
from orders.payments.queue_queries import Asked, Which
from orders.payments.states import BuyerWish
from shop.core import clock
from shop.core.errors import Refusal, WrongState
from shop.core.money import ZERO
from shop.core.permissions import Permission
from shop.organisations.acting import current_actor, requires, signed_in
from shop.web.forms import ShopForm
from shop.web.views import fresh_reading, reading

bp = Blueprint("bank_lines", __name__, url_prefix="/platform/bank")
buyer_bp = Blueprint("held_money", __name__, url_prefix="/purchases")

#: The ages by which the queue is filtered, in days.
AGES = (0, 3, 7, 30)


@bp.get("/suspense")
@requires(Permission.BANK_MATCH)
def suspense() -> ResponseReturnValue:
    """Money that waits for its purchase, and debits that wait for an explanation."""
    asked = _asked()
    return render_template(
        "orders/payments/suspense.html",
        queue=queue_queries.queue(reading(), current_actor(), clock.now(), asked),
        unexplained=queue_queries.unexplained(reading(), current_actor()),
        asked=asked,
        kinds=list(Which),
        ages=AGES,
    )


def _asked() -> Asked:
    which = next((one for one in Which if one.value == request.args.get("which")), Which.ALL)
    return Asked(
        which=which,
        text=request.args.get("q", "")[:64],
        days=max(0, request.args.get("days", 0, type=int)),
        page=request.args.get("page", 1, type=int),
    )


@bp.get("/lines/<line_id>")
@requires(Permission.PLATFORM_READ)
def line(line_id: str) -> ResponseReturnValue:
    """One line: what it may be for, and what was done with it."""
    return _page(line_id, match=MatchForm(request.args))


@bp.post("/lines/<line_id>/match")
@requires(Permission.BANK_MATCH)
def match(line_id: str) -> ResponseReturnValue:
    """Give money of a line to a purchase."""
    form = MatchForm()

    def work() -> None:
        matching.match_line.once(form.once.data)(
            line_id=line_id,
            purchase_id=queue_queries.purchase_named(
                reading(), form.purchase.data, current_actor()
            ),
            amount=form.amount.data or ZERO,
            reason=form.reason.data or "",
            rest_back=bool(form.rest_back.data),
            actor=current_actor(),
            now=clock.now(),
        )

    return _done(line_id, "match", form, work, _("已认领。"))


@bp.post("/lines/<line_id>/match-several")
@requires(Permission.BANK_MATCH)
def match_several(line_id: str) -> ResponseReturnValue:
    """Give all of a line to several purchases whose sum is exactly that."""
    form = PickForm()

    def work() -> None:
        matching.match_several.once(form.once.data)(
            line_id=line_id,
            purchase_ids=tuple(form.picked.data or ()),
            reason=form.reason.data or "",
            actor=current_actor(),
            now=clock.now(),
        )

    return _done(line_id, "pick", form, work, _("已一起认领，一分不差。"))


@bp.post("/lines/<line_id>/undo-match")
@requires(Permission.BANK_MATCH)
def undo_match(line_id: str) -> ResponseReturnValue:
    """Give money that went to the wrong purchase back to suspense."""
    form = LineReasonForm()

    def work() -> None:
        matching.undo_match.once(form.once.data)(
            line_id=line_id,
            journal_id=form.journal.data or "",
            reason=form.reason.data,
            actor=current_actor(),
            now=clock.now(),
        )

    return _done(line_id, "undo", form, work, _("已撤销认领，钱回到待认领。"))


@bp.post("/lines/<line_id>/send-back")
@requires(Permission.BANK_MATCH)
def send_back(line_id: str) -> ResponseReturnValue:
    """Decide that what of a line waits, or a part, goes back to the account it came from."""
    form = SendBackForm()

    def work() -> None:
        matching.send_back.once(form.once.data)(
            line_id=line_id,
            amount=form.amount.data or ZERO,
            reason=form.reason.data,
            actor=current_actor(),
            now=clock.now(),
        )

    return _done(line_id, "back", form, work, _("已登记退回，随下一批打款退到付款账户。"))


@bp.post("/lines/<line_id>/fee")
@requires(Permission.BANK_MATCH)
def fee(line_id: str) -> ResponseReturnValue:
    """Book a line as the bank's fee."""
    form = FeeForm()

    def work() -> None:
        explaining.book_fee.once(form.once.data)(
            line_id=line_id, reason=form.reason.data, actor=current_actor(), now=clock.now()
        )

    return _done(line_id, "fee", form, work, _("已记为银行手续费。"))


@bp.post("/lines/<line_id>/explain")
@requires(Permission.BANK_MATCH)
def explain(line_id: str) -> ResponseReturnValue:
    """Let another paper say what a line is."""
    form = ExplainForm()

    def work() -> None:
        explaining.explain_line.once(form.once.data)(
            line_id=line_id,
            number=form.number.data,
            reason=form.reason.data,
            actor=current_actor(),
            now=clock.now(),
        )

    return _done(line_id, "explain", form, work, _("已说明并入账。"))


def _done(
    line_id: str, name: str, form: ShopForm, work: Callable[[], None], told: str
) -> ResponseReturnValue:
    """Do what a form asks and go back to the line, or show the line with what was refused."""
    if form.validate_on_submit():
        try:
            work()
        except Refusal as refusal:
            form.refuse(refusal)
        else:
            flash(told, "ok")
            return redirect(url_for("bank_lines.line", line_id=line_id), code=303)
    return _page(line_id, **{name: form})


def _page(line_id: str, **sent: ShopForm) -> ResponseReturnValue:
    """The line with its forms: the one that was sent as it is, the others empty."""
    kinds: dict[str, type[ShopForm]] = {
        "match": MatchForm,
        "pick": PickForm,
        "undo": LineReasonForm,
        "back": SendBackForm,
        "fee": FeeForm,
        "explain": ExplainForm,
    }
    forms: dict[str, Any] = {}
    for name, kind in kinds.items():
        forms[name] = sent.get(name) or kind(formdata=None)
        if name != "match":
            forms[name].apart(name)
    page = queue_queries.line(fresh_reading(), line_id, current_actor(), clock.now())
    picked = None
    if page.waiting:
        if "back" not in sent:
            forms["back"].amount.data = page.waiting.left
        chosen = request.values.getlist("picked") or request.values.getlist("pick")
        picked = queue_queries.picked(reading(), chosen, page.waiting.left, current_actor())
    return (
        render_template(
            "orders/payments/line.html",
            page=page,
            forms=forms,
            picked=picked,
            explainers=hooks.explainers(),
        ),
        max(form.status for form in forms.values()),
    )


@buyer_bp.post("/<purchase_id>/held/<line_id>")
@signed_in
def wish(purchase_id: str, line_id: str) -> ResponseReturnValue:
    """A buyer says what shall be done with money that came for a purchase and is not right."""
    held_queries.purchase_of(reading(), line_id, current_actor())
    form = WishForm()
    wish_said = form.chosen
    if wish_said is None or not form.validate_on_submit():
        flash(_("请选一种处理办法。"), "warn")
    else:
        try:
            explaining.say_wish.once(form.once.data)(
                line_id=line_id, wish=wish_said, actor=current_actor(), now=clock.now()
            )
        except WrongState:
            flash(_("这笔钱已经处理了。"), "warn")
        else:
            flash(_("已告诉平台。"), "ok")
    return redirect(url_for("purchases.show", purchase_id=purchase_id), code=303)


def held_for(purchase_id: str) -> dict[str, Any]:
    """Money that waits for a purchase's buyer to look at it, for the purchase's page."""
    lines = held_queries.held_for(reading(), purchase_id, current_actor())
    return {"lines": lines, "wishes": list(BuyerWish), "form": WishForm(formdata=None)}
