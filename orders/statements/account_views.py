"""Statements of households, cooperatives, unions and carriers for a period, and the way up."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

from flask import Blueprint, Response, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import select
from sqlalchemy.orm import Session

from orders.statements import party_papers, party_queries, period_queries, slips, transfers
from orders.statements.party_queries import PARTS
from orders.statements.periods import Period
from orders.statements.slip_forms import PeriodForm, period_words
from orders.statements.sms import text as sms_text
from orders.statements.sms import units as sms_units
from orders.statements.speech import came_back, explained, paragraph
from orders.statements.where import READERS, where
from shop.core import clock
from shop.core.actors import Actor
from shop.core.permissions import Permission as P
from shop.organisations.acting import current_actor, requires
from shop.organisations.models import Organisation
from shop.printing import pdf
from shop.web.views import reading

bp = Blueprint("account_statements", __name__, url_prefix="/statements")

_PARTIES = tuple(READERS.values())

#: Reads a statement by public id and period, for who may see it.
_Read = Callable[[Session, str, Period, Actor], Any]


def asked_period() -> tuple[PeriodForm, Period]:
    """The period the address names, and the form that offers others."""
    form = PeriodForm(clock.day_of(clock.now()), request.args)
    return form, form.chosen


@bp.get("/")
@requires(P.PLATFORM_READ, *_PARTIES)
def index() -> ResponseReturnValue:
    """Whose statements the reader may open."""
    actor = current_actor()
    rows = reading().execute(
        select(Organisation)
        .where(Organisation.kind.in_(list(READERS)))
        .order_by(Organisation.kind, Organisation.id)
    )
    mine = [
        row
        for row in rows.scalars()
        if actor.may(P.PLATFORM_READ) or actor.may(READERS[row.kind], row.id)
    ]
    return render_template("orders/statements/parties.html", parties=mine)


@bp.get("/households/<household_id>")
@requires(P.HOUSEHOLD_READ, P.PLATFORM_READ, P.AUDIT_READ)
def household(household_id: str) -> ResponseReturnValue:
    """A household's statement of a period, with its spoken and its short text."""
    form, period = asked_period()
    found = period_queries.of_household(reading(), household_id, period, current_actor())
    message = sms_text(found)
    return render_template(
        "orders/statements/household.html",
        statement=found,
        form=form,
        words=period_words(period),
        said=paragraph(found, period_words(period)),
        explained=explained(found),
        came_back=came_back(found.sent_back, found.covered),
        may_print_all=current_actor().may(P.HOUSEHOLD_READ),
        sms=message,
        sms_units=sms_units(message),
    )


@bp.get("/households/<household_id>/slip.pdf")
@requires(P.HOUSEHOLD_READ, P.PLATFORM_READ, P.AUDIT_READ)
def household_slip(household_id: str) -> ResponseReturnValue:
    """The same as a printed slip."""
    _form, period = asked_period()
    found = period_queries.of_household(reading(), household_id, period, current_actor())
    data = slips.pages(
        [slips.slip(found)],
        title="农户对账单",
        door=url_for("statements.enter", _external=True),
        on=clock.day_of(clock.now()),
    )
    return _pdf("slips", data, f"slip-{period.key}")


@bp.get("/cooperatives/<organisation_id>")
@requires(P.PLATFORM_READ, P.ORDER_READ)
def cooperative(organisation_id: str) -> ResponseReturnValue:
    """A cooperative's statement."""
    return _party(organisation_id, party_queries.cooperative, "party", part_names=PARTS)


@bp.get("/cooperatives/<organisation_id>/statement.pdf")
@requires(P.PLATFORM_READ, P.ORDER_READ)
def cooperative_pdf(organisation_id: str) -> ResponseReturnValue:
    """The same as a paper with room for both seals."""
    return _letter(organisation_id, party_queries.cooperative, party_papers.of_cooperative)


@bp.get("/carriers/<organisation_id>")
@requires(P.PLATFORM_READ, P.FREIGHT_READ)
def carrier(organisation_id: str) -> ResponseReturnValue:
    """A carrier's statement."""
    return _party(organisation_id, party_queries.carrier, "party", part_names=())


@bp.get("/carriers/<organisation_id>/statement.pdf")
@requires(P.PLATFORM_READ, P.FREIGHT_READ)
def carrier_pdf(organisation_id: str) -> ResponseReturnValue:
    """The same as a paper with room for both seals."""
    return _letter(organisation_id, party_queries.carrier, party_papers.of_carrier)


@bp.get("/unions/<organisation_id>")
@requires(P.PLATFORM_READ, P.PURCHASE_READ)
def union(organisation_id: str) -> ResponseReturnValue:
    """A union's statement."""
    return _party(organisation_id, party_queries.union, "union")


@bp.get("/unions/<organisation_id>/statement.pdf")
@requires(P.PLATFORM_READ, P.PURCHASE_READ)
def union_pdf(organisation_id: str) -> ResponseReturnValue:
    """The same as a letter to be confirmed and sealed (对账函)."""
    return _letter(organisation_id, party_queries.union, party_papers.of_union)


@bp.get("/<organisation_id>/journals/<journal_id>")
@requires(P.PLATFORM_READ, P.ORDER_READ, P.FREIGHT_READ)
def journal(organisation_id: str, journal_id: str) -> ResponseReturnValue:
    """What one row of a cooperative's or carrier's statement is made of, transfer by transfer."""
    found = transfers.of_journal(reading(), organisation_id, journal_id, current_actor())
    return render_template("orders/statements/journal.html", found=found)


@bp.get("/about/<thing>")
@requires(P.HOUSEHOLD_READ, P.PLATFORM_READ, P.AUDIT_READ, *_PARTIES)
def about(thing: str) -> ResponseReturnValue:
    """In which statements a delivery, lot, order, journal or payout stands."""
    found = where(reading(), thing, current_actor())
    return render_template("orders/statements/where.html", found=found)


def _party(organisation_id: str, read: _Read, page: str, **more: Any) -> ResponseReturnValue:
    """The page of an organisation's statement, which names its own paper."""
    form, period = asked_period()
    return render_template(
        f"orders/statements/{page}.html",
        statement=read(reading(), organisation_id, period, current_actor()),
        form=form,
        words=period_words(period),
        paper=url_for(
            f"{request.endpoint}_pdf", organisation_id=organisation_id, period=period.key
        ),
        **more,
    )


def _letter(
    organisation_id: str, read: _Read, worded: Callable[[Any, date], dict[str, Any]]
) -> ResponseReturnValue:
    """The statement of an organisation as a paper to be sealed."""
    _form, period = asked_period()
    found = read(reading(), organisation_id, period, current_actor())
    data = worded(found, clock.day_of(clock.now()))
    return _pdf("reconciliation", data, f"statement-{found.code}-{period.key}")


def _pdf(paper: str, data: dict[str, object], name: str) -> Response:
    answer = Response(pdf.render(paper, data), mimetype="application/pdf")
    answer.headers["Content-Disposition"] = f'inline; filename="{name}.pdf"'
    return answer
