"""Pages of receivables: the platform's, the cooperative's, the union's; one receivable."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from flask import (
    Blueprint,
    Response,
    flash,
    redirect,
    render_template,
    request,
    url_for,
)
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from orders.purchasing.models import Order, Purchase
from orders.receivables import commands, papers, queries, reminder_queries
from orders.receivables.forms import DisputeForm, PromiseForm
from orders.receivables.rows import Ageing, AgeingRow, ReceivableRow
from orders.receivables.states import Bucket
from shop.core import clock
from shop.core.errors import NotFound
from shop.core.money import ZERO
from shop.core.permissions import Permission as P
from shop.organisations.acting import current_actor, current_organisation, requires
from shop.organisations.models import OrganisationKind
from shop.printing.rows import CSV, XLSX, as_csv, as_workbook
from shop.web.filters import either, label, yuan_text
from shop.web.views import fresh_reading, reading

bp = Blueprint("receivables", __name__)

#: So many acceptances are listed on a page; the file holds all.
LISTED = 200

_READERS = (P.PURCHASE_READ, P.ORDER_READ, P.PLATFORM_READ)


@dataclass(frozen=True, slots=True)
class _Choice:
    """Which day, and which of its receivables are listed below the sums."""

    day: date
    buyer: str
    cooperative: str
    bucket: Bucket | None

    def fits(self, row: ReceivableRow) -> bool:
        return (
            self.buyer in ("", row.buyer_id)
            and self.cooperative in ("", row.cooperative_id)
            and self.bucket in (None, row.bucket)
        )


@bp.get("/platform/receivables/")
@requires(P.PLATFORM_READ)
def index() -> ResponseReturnValue:
    """Everything that is receivable, by age."""
    choice = _choice()
    page = queries.ageing(reading(), current_actor(), day=choice.day)
    return _ageing_page(
        page,
        choice,
        of_platform=True,
        here="receivables.index",
        file="receivables.export",
        answers=queries.answers(reading()),
    )


@bp.get("/platform/receivables/file.<kind>")
@requires(P.PLATFORM_READ)
def export(kind: str) -> ResponseReturnValue:
    """The platform's ageing as a file."""
    return _file(queries.ageing(reading(), current_actor(), day=_choice().day), kind)


@bp.get("/cooperative/receivables/")
@requires(P.ORDER_READ)
def of_cooperative() -> ResponseReturnValue:
    """What buyers owe for one cooperative's goods."""
    cooperative = current_organisation(OrganisationKind.COOPERATIVE)
    choice = _choice()
    page = queries.ageing(reading(), current_actor(), day=choice.day, cooperative_id=cooperative.id)
    return _ageing_page(
        page,
        choice,
        of_platform=False,
        here="receivables.of_cooperative",
        file="receivables.export_of_cooperative",
        answers=queries.answers(reading(), Order.cooperative_id == cooperative.id),
    )


@bp.get("/cooperative/receivables/file.<kind>")
@requires(P.ORDER_READ)
def export_of_cooperative(kind: str) -> ResponseReturnValue:
    """A cooperative's ageing as a file."""
    cooperative = current_organisation(OrganisationKind.COOPERATIVE)
    page = queries.ageing(
        reading(), current_actor(), day=_choice().day, cooperative_id=cooperative.id
    )
    return _file(page, kind)


@bp.get("/union/receivables/")
@requires(P.PURCHASE_READ)
def mine() -> ResponseReturnValue:
    """What a union owes and when it is to be paid."""
    union = current_organisation(OrganisationKind.UNION)
    today = clock.day_of(clock.now())
    return render_template(
        "orders/receivables/mine.html",
        union=union,
        page=queries.ageing(reading(), current_actor(), day=today, union_id=union.id),
        reminders=reminder_queries.of_union(reading(), union.id),
        answers=queries.answers(reading(), Purchase.union_id == union.id),
    )


@bp.get("/receivables/<acceptance_id>")
@requires(*_READERS)
def show(acceptance_id: str) -> ResponseReturnValue:
    """One receivable: its clock, every movement, the interest, reminders and answers."""
    return _page(acceptance_id, PromiseForm(formdata=None), DisputeForm(formdata=None))


@bp.post("/receivables/<acceptance_id>/promise")
@requires(P.PAYMENT_ANSWER)
def promise(acceptance_id: str) -> ResponseReturnValue:
    """The union says by when it will pay."""
    form = PromiseForm()
    if form.carried_out(
        commands.promise_day,
        acceptance_id=acceptance_id,
        promised_on=form.data["promised_on"],
        note=form.note.data or "",
        actor=current_actor(),
        now=clock.now(),
    ):
        flash(_("记下了，平台和合作社都看得到。"), "ok")
        return redirect(url_for("receivables.show", acceptance_id=acceptance_id), code=303)
    return _page(acceptance_id, form, DisputeForm(formdata=None))


@bp.post("/receivables/<acceptance_id>/dispute")
@requires(P.PAYMENT_ANSWER)
def dispute(acceptance_id: str) -> ResponseReturnValue:
    """The union says what it does not owe."""
    form = DisputeForm()
    if form.carried_out(
        commands.dispute_amount,
        acceptance_id=acceptance_id,
        amount=form.amount.data or ZERO,
        reason=form.reason.data or "",
        actor=current_actor(),
        now=clock.now(),
    ):
        flash(_("记下了，平台会来核对。货款的账没有动。"), "ok")
        return redirect(url_for("receivables.show", acceptance_id=acceptance_id), code=303)
    return _page(acceptance_id, PromiseForm(formdata=None), form)


def _page(
    acceptance_id: str, promise_form: PromiseForm, dispute_form: DisputeForm
) -> ResponseReturnValue:
    promise_form.apart("promise")
    dispute_form.apart("dispute")
    page = queries.receivable(
        fresh_reading(), acceptance_id, current_actor(), clock.day_of(clock.now())
    )
    return (
        render_template(
            "orders/receivables/show.html",
            page=page,
            promise_form=promise_form,
            dispute_form=dispute_form,
        ),
        max(promise_form.status, dispute_form.status),
    )


def _ageing_page(page: Ageing, choice: _Choice, **more: Any) -> ResponseReturnValue:
    listed = [row for row in page.rows if choice.fits(row)]
    return render_template(
        "orders/receivables/index.html",
        page=page,
        choice=choice,
        buckets=list(Bucket),
        rows=listed[:LISTED],
        found=len(listed),
        ages_of_all=[
            {"label": label(bucket), "value": max(amount, ZERO).fen, "shown": yuan_text(amount)}
            for bucket, amount in page.sums.amounts
        ],
        bars=_bars(page.by_buyer),
        bars_of_cooperatives=_bars(page.by_cooperative),
        **more,
    )


def _bars(rows: tuple[AgeingRow, ...]) -> list[dict[str, Any]]:
    """A picture: a bar for each of the largest twelve, in parts by age."""
    return [
        {
            "label": either(row.name, row.name_en),
            "shown": yuan_text(row.total),
            "parts": [
                {
                    "label": label(bucket),
                    "value": max(amount, ZERO).fen,
                    "shown": yuan_text(amount),
                }
                for bucket, amount in row.amounts
            ],
        }
        for row in rows[:12]
    ]


def _choice() -> _Choice:
    asked = request.args
    today = clock.day_of(clock.now())
    try:
        day = date.fromisoformat(asked.get("day", ""))
    except ValueError:
        day = today
    return _Choice(
        day=min(day, today),
        buyer=asked.get("buyer", ""),
        cooperative=asked.get("cooperative", ""),
        bucket=next((b for b in Bucket if b.value == asked.get("bucket")), None),
    )


def _file(page: Ageing, kind: str) -> Response:
    if kind == "csv":
        content, media = as_csv(papers.sheet(page, request.args.get("by", ""))), CSV
    elif kind == "xlsx":
        content, media = as_workbook(papers.sheets(page)), XLSX
    else:
        raise NotFound()
    return Response(
        content,
        content_type=media,
        headers={
            "Content-Disposition": f'attachment; filename="receivables-{page.day:%Y%m%d}.{kind}"'
        },
    )
