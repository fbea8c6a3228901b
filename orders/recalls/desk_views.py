"""Pages of recalls for the platform: looking, opening, drilling, ending."""

from __future__ import annotations

import io

from flask import (
    Blueprint,
    current_app,
    flash,
    redirect,
    render_template,
    request,
    send_file,
    url_for,
)
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from orders.recalls import backward, commands, drills, papers, queries, reach
from orders.recalls.forms import BackForm, CancelForm, CloseForm, OpenForm, ScopeForm, SpareForm
from orders.recalls.report import phones as phone_sheet
from orders.recalls.report import report as report_sheets
from orders.recalls.scope import Scope
from shop.core import clock
from shop.core.errors import Refusal
from shop.core.permissions import Permission as P
from shop.organisations.acting import current_actor, requires
from shop.organisations.models import OrganisationKind
from shop.organisations.queries import by_kind
from shop.printing.rows import XLSX, as_workbook, as_xlsx
from shop.web.filters import seconds
from shop.web.forms import ShopForm
from shop.web.views import fresh_reading, reading

bp = Blueprint("recall_desk", __name__, url_prefix="/platform/recalls")

#: A question stands in the address and changes nothing: it carries no key.
_BY_ADDRESS = {"csrf": False}


@bp.get("/")
@requires(P.PLATFORM_READ)
def index() -> ResponseReturnValue:
    """Recalls and drills, open ones first."""
    return render_template(
        "orders/recalls/index.html",
        recalls=queries.recalls(reading(), current_actor()),
        may_open=current_actor().may(P.RECALL_OPEN),
    )


@bp.route("/new", methods=["GET", "POST"])
@requires(P.RECALL_OPEN)
def new() -> ResponseReturnValue:
    """Ask what a recall would reach; seeing it, open it or make it a drill."""
    if request.method == "POST":
        form = OpenForm()
        form.offer(by_kind(reading(), OrganisationKind.COOPERATIVE))
        if form.validate_on_submit():
            try:
                return redirect(url_for("recall_desk.show", recall_id=_open(form)), code=303)
            except Refusal as refusal:
                form.refuse(refusal)
        asked = ScopeForm(meta=_BY_ADDRESS)
        asked.offer(by_kind(reading(), OrganisationKind.COOPERATIVE))
        if not asked.validate():
            return render_template("orders/recalls/ask.html", form=asked), 422
        return _preview(asked, form)
    asked = ScopeForm(formdata=request.args if "kind" in request.args else None, meta=_BY_ADDRESS)
    asked.offer(by_kind(reading(), OrganisationKind.COOPERATIVE))
    if "kind" not in request.args or not asked.validate():
        return render_template("orders/recalls/ask.html", form=asked), asked.status
    return _preview(asked, OpenForm(formdata=None))


@bp.get("/back")
@requires(P.RECALL_OPEN)
def back() -> ResponseReturnValue:
    """From an order, a recipient or a box back to lots, deliveries and everybody else."""
    form = BackForm(formdata=request.args if "what" in request.args else None, meta=_BY_ADDRESS)
    found = None
    if "what" in request.args and form.validate():
        try:
            found = backward.back(reading(), form.what.data or "", current_actor())
        except Refusal as refusal:
            form.refuse(refusal)
            form.status = 200
    return render_template("orders/recalls/back.html", form=form, found=found)


@bp.get("/<recall_id>")
@requires(P.PLATFORM_READ)
def show(recall_id: str) -> ResponseReturnValue:
    """One recall: its lots and stock, who was told, who answered, what became of each unit."""
    return _page(recall_id)


@bp.post("/<recall_id>/end")
@requires(P.RECALL_CLOSE)
def close(recall_id: str) -> ResponseReturnValue:
    """End a recall; its lots move again."""
    form = CloseForm()
    if form.validate_on_submit():
        try:
            commands.close_recall.once(form.once.data)(
                recall_id=recall_id,
                reason=form.reason.data or "",
                actor=current_actor(),
                now=clock.now(),
            )
        except Refusal as refusal:
            form.refuse(refusal)
        else:
            flash(_("召回已结束，批次已解冻。"), "ok")
            return redirect(url_for("recall_desk.show", recall_id=recall_id), code=303)
    return _page(recall_id, closing=form)


@bp.post("/<recall_id>/cancellation")
@requires(P.RECALL_CLOSE)
def cancel(recall_id: str) -> ResponseReturnValue:
    """Take a recall back that was opened by mistake."""
    form = CancelForm()
    if form.validate_on_submit():
        try:
            commands.cancel_recall.once(form.once.data)(
                recall_id=recall_id,
                reason=form.reason.data or "",
                actor=current_actor(),
                now=clock.now(),
            )
        except Refusal as refusal:
            form.refuse(refusal)
        else:
            flash(_("召回已撤销，批次已解冻。"), "ok")
            return redirect(url_for("recall_desk.show", recall_id=recall_id), code=303)
    return _page(recall_id, cancelling=form)


@bp.route("/<recall_id>/lots/<lot_id>/harmless", methods=["GET", "POST"])
@requires(P.RECALL_CLOSE)
def spare(recall_id: str, lot_id: str) -> ResponseReturnValue:
    """Let one lot go that was found harmless."""
    page = queries.recall(reading(), recall_id, current_actor())
    one = page.lot(lot_id)
    form = SpareForm()
    if form.validate_on_submit():
        try:
            commands.spare_lot.once(form.once.data)(
                recall_id=recall_id,
                lot_id=lot_id,
                reason=form.reason.data or "",
                actor=current_actor(),
                now=clock.now(),
            )
        except Refusal as refusal:
            form.refuse(refusal)
        else:
            flash(_("这一批已解冻。"), "ok")
            return redirect(url_for("recall_desk.show", recall_id=recall_id), code=303)
    return render_template("orders/recalls/spare.html", page=page, one=one, form=form), form.status


@bp.get("/<recall_id>/report.xlsx")
@requires(P.PLATFORM_READ)
def report(recall_id: str) -> ResponseReturnValue:
    """Everything known of a recall as one workbook."""
    number, sheets = report_sheets(reading(), recall_id, current_actor())
    return _file(as_workbook(sheets), XLSX, f"{number}.xlsx")


@bp.get("/<recall_id>/phones.xlsx")
@requires(P.RECALL_OPEN)
def phones(recall_id: str) -> ResponseReturnValue:
    """Whom to call, with telephones."""
    page = queries.recall(reading(), recall_id, current_actor())
    return _file(as_xlsx(phone_sheet(page)), XLSX, f"{page.row.number}-phones.xlsx")


@bp.get("/<recall_id>/letters.pdf")
@requires(P.RECALL_OPEN)
def letters(recall_id: str) -> ResponseReturnValue:
    """A letter for every buyer, all in one file to print."""
    page = queries.recall(reading(), recall_id, current_actor())
    content = papers.letters(page, current_app.config["SHOP"])
    return _file(content, "application/pdf", f"{page.row.number}-letters.pdf")


def _open(form: OpenForm) -> str:
    """Open what the form says; a drill is timed until its workbook is written."""
    if form.drill.data == "yes":
        drilled = drills.run(
            form.scope(),
            reason=form.reason.data or "",
            advice=form.advice.data or "",
            actor=current_actor(),
            clock=clock.now,
            once=form.once.data,
        )
        flash(
            _(
                "演练完成：从查到名单和报告出齐，用时 %(seconds)s 秒。",
                seconds=seconds(drilled.milliseconds),
            ),
            "ok",
        )
        return drilled.page.row.public_id
    recall_id: str = commands.open_recall.once(form.once.data)(
        scope=form.scope(),
        drill=False,
        reason_kind=form.reason_kind.data,
        reason=form.reason.data or "",
        advice=form.advice.data or "",
        actor=current_actor(),
        now=clock.now(),
    )
    flash(_("已发起召回：批次已冻结，通知已发出。"), "ok")
    return recall_id


def _preview(asked: ScopeForm, form: OpenForm) -> ResponseReturnValue:
    """What would be reached, and the form that opens it; or the question again, if nothing is."""
    try:
        found, started = reach.preview(fresh_reading(), asked.scope(), current_actor())
    except Refusal as refusal:
        asked.refuse(refusal)
        return render_template("orders/recalls/ask.html", form=asked), asked.status
    return render_template(
        "orders/recalls/preview.html",
        reach=found,
        started=started,
        form=form,
        asked=asked,
        sent=_sent(asked.scope()),
    ), form.status


def _sent(scope: Scope) -> list[tuple[str, str]]:
    """A scope as the hidden fields by which it goes along from the question to the recall."""
    return [
        ("kind", scope.kind.value),
        ("what", scope.what),
        ("cooperative", scope.cooperative),
        ("category", scope.category.value if scope.category else ""),
        ("since", scope.since.isoformat() if scope.since else ""),
        ("until", scope.until.isoformat() if scope.until else ""),
    ]


def _page(
    recall_id: str,
    closing: CloseForm | None = None,
    cancelling: CancelForm | None = None,
) -> ResponseReturnValue:
    closing = closing or CloseForm(formdata=None)
    cancelling = cancelling or CancelForm(formdata=None)
    page = render_template(
        "orders/recalls/show.html",
        page=queries.recall(fresh_reading(), recall_id, current_actor()),
        closing=closing,
        cancelling=cancelling,
        act=ShopForm(formdata=None),
        may_open=current_actor().may(P.RECALL_OPEN),
    )
    return page, max(closing.status, cancelling.status)


def _file(content: bytes, media_type: str, name: str) -> ResponseReturnValue:
    return send_file(
        io.BytesIO(content), mimetype=media_type, as_attachment=True, download_name=name
    )
