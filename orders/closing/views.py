"""Pages of reconciling, closing months, accounts for accountants, and where every fen is."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from flask import (
    Blueprint,
    current_app,
    flash,
    jsonify,
    redirect,
    render_template,
    request,
    url_for,
)
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from orders.closing import commands, following, proof, queries, reconciling
from orders.closing import proof_json as words
from orders.closing.chart import codes
from orders.closing.forms import CodeForm, SignForm
from orders.closing.states import KINDS
from shop.core import clock
from shop.core.commands import Command
from shop.core.errors import NotFound
from shop.core.permissions import Permission
from shop.jobs import timetable
from shop.organisations.acting import current_actor, requires
from shop.web.forms import ReasonForm, ShopForm, WithdrawForm
from shop.web.views import fresh_reading, reading

bp = Blueprint("closing", __name__, url_prefix="/platform/books")

#: What is done to a month, and which of it without a reason; what takes long returns a job.
_STEPS: dict[str, Command[..., Any]] = {
    "propose": commands.propose_month,
    "confirm": commands.confirm_month,
    "withdraw": commands.withdraw_month,
    "ask_reopen": commands.ask_reopening,
    "reopen": commands.reopen_month,
    "keep": commands.keep_closed,
}
_PLAIN = ("propose", "confirm")


@bp.get("/")
@requires(Permission.PLATFORM_READ)
def index() -> ResponseReturnValue:
    """The months and the signed sheets."""
    tx, actor = reading(), current_actor()
    return render_template(
        "orders/closing/index.html",
        months=queries.months(tx, actor, clock.now()),
        sheets=queries.sheets(tx, actor),
        yesterday=clock.day_of(clock.now()) - timedelta(days=1),
    )


@bp.get("/months/<month>")
@requires(Permission.PLATFORM_READ)
def month(month: str) -> ResponseReturnValue:
    """One month and its checklist."""
    return _month(month, ShopForm(formdata=None), ReasonForm(formdata=None))


@bp.post("/months/<month>/<action>")
@requires(Permission.BOOKS_CLOSE)
def step(month: str, action: str) -> ResponseReturnValue:
    """Take one step with a month."""
    if action not in _STEPS:
        raise NotFound()
    plain = ShopForm() if action in _PLAIN else ShopForm(formdata=None)
    reasoned = ReasonForm(formdata=None) if action in _PLAIN else ReasonForm()
    form = plain if action in _PLAIN else reasoned
    why = {"reason": reasoned.reason.data or ""} if form is reasoned else {}
    done = form.done(
        lambda: _STEPS[action].once(form.once.data)(
            month=month, actor=current_actor(), now=clock.now(), **why
        )
    )
    if done and done.answer is not None:
        timetable.wake(current_app)
        return redirect(url_for("jobs.show", job_id=done.answer), code=303)
    if done:
        flash(_("已办理。"), "ok")
        return redirect(url_for("closing.month", month=month), code=303)
    return _month(month, plain, reasoned)


@bp.get("/days/<day>")
@requires(Permission.PLATFORM_READ)
def day(day: str) -> ResponseReturnValue:
    """Ledger and bank side by side at the end of a day."""
    return _sides(_day(day), SignForm(formdata=None))


@bp.post("/days/<day>")
@requires(Permission.BOOKS_CLOSE)
def sign(day: str) -> ResponseReturnValue:
    """The first signature under a day."""
    form, when = SignForm(), _day(day)

    def signing() -> str:
        assert form.typed.data is not None, "the form asks for it"
        return reconciling.sign_reconciliation.once(form.once.data)(
            day=when,
            seen_hash=form.seen_hash.data or "",
            typed=form.typed.data,
            actor=current_actor(),
            now=clock.now(),
        )

    if signed := form.done(signing):
        flash(_("已签字，请另一位同事复核。"), "ok")
        return redirect(url_for("closing.sheet", sheet_id=signed.answer), code=303)
    return _sides(when, form)


@bp.get("/sheets/<sheet_id>")
@requires(Permission.PLATFORM_READ)
def sheet(sheet_id: str) -> ResponseReturnValue:
    """A signed sheet, to be printed."""
    return _sheet(sheet_id, ShopForm(formdata=None), WithdrawForm(formdata=None))


@bp.post("/sheets/<sheet_id>/confirm")
@requires(Permission.BOOKS_CLOSE)
def confirm_sheet(sheet_id: str) -> ResponseReturnValue:
    """The second signature."""
    form = ShopForm()
    if form.carried_out(
        reconciling.confirm_reconciliation,
        reconciliation_id=sheet_id,
        actor=current_actor(),
        now=clock.now(),
    ):
        flash(_("已复核。"), "ok")
        return redirect(url_for("closing.sheet", sheet_id=sheet_id), code=303)
    return _sheet(sheet_id, form, WithdrawForm(formdata=None))


@bp.post("/sheets/<sheet_id>/withdraw")
@requires(Permission.BOOKS_CLOSE)
def withdraw_sheet(sheet_id: str) -> ResponseReturnValue:
    """Take a sheet back."""
    form = WithdrawForm()
    if form.carried_out(
        reconciling.withdraw_reconciliation,
        reconciliation_id=sheet_id,
        reason=form.reason.data or "",
        actor=current_actor(),
        now=clock.now(),
    ):
        flash(_("已撤回，可以重新签字。"), "ok")
        return redirect(url_for("closing.index"), code=303)
    return _sheet(sheet_id, ShopForm(formdata=None), form)


@bp.get("/trial/<month>")
@requires(Permission.PLATFORM_READ)
def trial(month: str) -> ResponseReturnValue:
    """The trial balance of a month, or the accounts of one kind."""
    asked = request.args.get("kind", "")
    kind = KINDS.get(asked)
    page = queries.trial(reading(), month, current_actor(), kind)
    return render_template("orders/closing/trial.html", page=page, kind=kind)


@bp.get("/chart")
@requires(Permission.PLATFORM_READ)
def chart() -> ResponseReturnValue:
    """The codes of the accountant's chart."""
    return _chart(CodeForm(formdata=None))


@bp.post("/chart")
@requires(Permission.BOOKS_CLOSE)
def set_code() -> ResponseReturnValue:
    """Give a kind of account another code."""
    form = CodeForm()
    form.offer()
    if form.done(
        lambda: commands.set_code.once(form.once.data)(
            kind=KINDS[form.kind.data],
            code=form.code.data or "",
            name=form.name.data or "",
            actor=current_actor(),
            now=clock.now(),
        )
    ):
        flash(_("已保存。"), "ok")
        return redirect(url_for("closing.chart"), code=303)
    return _chart(form)


@bp.get("/proof")
@requires(Permission.PLATFORM_READ)
def proof_of() -> ResponseReturnValue:
    """Where every fen is: of everything, or of one day."""
    tx, actor = reading(), current_actor()
    number, asked = request.args.get("number", "").strip(), request.args.get("day", "")
    if number:
        found = proof.of_order(tx, number, actor)
        return redirect(url_for("closing.order", order_id=found.public_id), code=303)
    when = _day(asked) if asked else None
    period = proof.of_day(tx, when, actor) if when else proof.of_everything(tx, actor, clock.now())
    orders = None if when else proof.of_orders(tx, actor)
    if request.args.get("as") == "json":
        return jsonify(words.period(period) | ({"orders": words.orders(orders)} if orders else {}))
    return render_template("orders/closing/proof.html", period=period, orders=orders, day=when)


@bp.get("/proof/orders/<order_id>")
@requires(Permission.PLATFORM_READ)
def order(order_id: str) -> ResponseReturnValue:
    """Where every fen of one order is, the households' followed to its end."""
    tx, actor = reading(), current_actor()
    found = proof.of_order(tx, order_id, actor)
    lots = following.followed(tx, found, actor)
    if request.args.get("as") == "json":
        return jsonify(words.order(found) | {"lots": [words.lot(one) for one in lots.lots]})
    return render_template("orders/closing/order.html", proof=found, lots=lots)


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise NotFound() from None


def _sides(when: date, form: SignForm) -> ResponseReturnValue:
    page = queries.sides_page(fresh_reading(), when, current_actor(), clock.now())
    form.seen_hash.data = page.sides.seen_hash
    return render_template("orders/closing/day.html", page=page, form=form), form.status


def _chart(form: CodeForm) -> ResponseReturnValue:
    form.offer()
    html = render_template(
        "orders/closing/chart.html",
        form=form,
        rows=sorted(codes(fresh_reading()).items(), key=lambda one: one[1]),
        may_set=current_actor().may(Permission.BOOKS_CLOSE),
    )
    return html, form.status


def _month(month: str, plain: ShopForm, reasoned: ReasonForm) -> ResponseReturnValue:
    page = queries.month_page(fresh_reading(), month, current_actor(), clock.now())
    html = render_template("orders/closing/month.html", page=page, plain=plain, reasoned=reasoned)
    return html, max(plain.status, reasoned.status)


def _sheet(sheet_id: str, confirming: ShopForm, withdrawing: WithdrawForm) -> ResponseReturnValue:
    page = queries.sheet(fresh_reading(), sheet_id, current_actor())
    html = render_template(
        "orders/closing/sheet.html", page=page, confirming=confirming, withdrawing=withdrawing
    )
    return html, max(confirming.status, withdrawing.status)
