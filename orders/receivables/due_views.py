"""Pages of what cooperatives owe, and of booking a bank line as interest or as their payment."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from orders.payments import queue_queries as payments
from orders.receivables import booking, due_queries, queries
from orders.receivables.forms import DueForm, InterestForm
from shop.core import clock
from shop.core.money import ZERO
from shop.core.permissions import Permission as P
from shop.organisations.acting import current_actor, current_organisation, requires
from shop.organisations.models import OrganisationKind
from shop.web.filters import yuan_text
from shop.web.views import fresh_reading, reading

bp = Blueprint("dues", __name__)


@bp.get("/platform/due-from-cooperatives/")
@requires(P.PLATFORM_READ)
def index() -> ResponseReturnValue:
    """What each cooperative owes, and the money in suspense that may be theirs."""
    actor = current_actor()
    rows = due_queries.dues(reading(), actor, clock.day_of(clock.now()))
    waiting = payments.queue(reading(), actor, clock.now()).rows if actor.may(P.BANK_MATCH) else ()
    return render_template(
        "orders/receivables/dues.html",
        rows=rows,
        sum=due_queries.sum_of(rows),
        waiting=waiting[:50],
    )


@bp.get("/platform/due-from-cooperatives/<cooperative_id>")
@requires(P.PLATFORM_READ)
def show(cooperative_id: str) -> ResponseReturnValue:
    """What one cooperative owes and why, journal by journal."""
    return _due_page(cooperative_id)


@bp.get("/cooperative/due/")
@requires(P.ORDER_READ)
def mine() -> ResponseReturnValue:
    """What the cooperative itself owes and why."""
    return _due_page(current_organisation(OrganisationKind.COOPERATIVE).public_id)


def _due_page(cooperative_id: str) -> ResponseReturnValue:
    page = due_queries.due_of(
        reading(),
        current_actor(),
        clock.day_of(clock.now()),
        cooperative_id=cooperative_id,
    )
    return render_template("orders/receivables/due.html", page=page)


@bp.get("/platform/receivables/lines/<line_id>")
@requires(P.BANK_MATCH)
def book(line_id: str) -> ResponseReturnValue:
    """Book a bank line that waits: as interest, or as a cooperative's payment."""
    return _book_page(line_id, InterestForm(formdata=None), DueForm(formdata=None))


@bp.post("/platform/receivables/lines/<line_id>/interest")
@requires(P.BANK_MATCH)
def book_interest(line_id: str) -> ResponseReturnValue:
    """Book it as interest."""
    form = _offered(InterestForm(), DueForm(formdata=None))[0]
    if form.carried_out(
        booking.book_interest,
        line_id=line_id,
        acceptance_id=form.acceptance.data,
        amount=form.amount.data or ZERO,
        actor=current_actor(),
        now=clock.now(),
    ):
        flash(_("已记为逾期利息，归合作社。"), "ok")
        return redirect(url_for("receivables.show", acceptance_id=form.acceptance.data), code=303)
    return _book_page(line_id, form, DueForm(formdata=None))


@bp.post("/platform/receivables/lines/<line_id>/due")
@requires(P.BANK_MATCH)
def book_due(line_id: str) -> ResponseReturnValue:
    """Book it as a cooperative paying what it owes."""
    form = _offered(InterestForm(formdata=None), DueForm())[1]
    if form.carried_out(
        booking.book_due,
        line_id=line_id,
        cooperative_id=form.cooperative.data,
        amount=form.amount.data or ZERO,
        actor=current_actor(),
        now=clock.now(),
    ):
        flash(_("已记为合作社交款。"), "ok")
        return redirect(url_for("dues.show", cooperative_id=form.cooperative.data), code=303)
    return _book_page(line_id, InterestForm(formdata=None), form)


def _offered(interest: InterestForm, due: DueForm) -> tuple[InterestForm, DueForm]:
    """Both forms with what may be chosen today."""
    actor, today = current_actor(), clock.day_of(clock.now())
    interest.offer(
        [
            (
                row.public_id,
                _(
                    "%(number)s %(buyer)s，利息 %(open)s",
                    number=row.number,
                    buyer=row.buyer,
                    open=yuan_text(row.interest),
                ),
            )
            for row in queries.ageing(fresh_reading(), actor, day=today).rows
            if row.interest
        ]
    )
    due.offer(
        [
            (
                row.public_id,
                _("%(name)s，欠 %(open)s", name=row.name, open=yuan_text(row.open)),
            )
            for row in due_queries.dues(reading(), actor, today)
            if row.open
        ]
    )
    return interest, due


def _book_page(line_id: str, interest: InterestForm, due: DueForm) -> ResponseReturnValue:
    _offered(interest, due)
    interest.apart("interest")
    due.apart("due")
    page = payments.line(reading(), line_id, current_actor(), clock.now())
    return (
        render_template(
            "orders/receivables/book.html", page=page, interest_form=interest, due_form=due
        ),
        max(interest.status, due.status),
    )
