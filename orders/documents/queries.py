"""What papers are made of, and which papers a purchase has."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from orders.documents.rules import Backer, Earned, PoolEvent, attribute, paper_number
from orders.documents.states import PaperKind
from orders.ledger import posting
from orders.ledger.models import Account, Journal, Transfer
from orders.ledger.states import AccountKind
from orders.purchasing.models import Allocation, OrderLine
from orders.purchasing.states import PurchaseKind, PurchaseState
from orders.shipments.models import Acceptance, AcceptanceLine, Return, ReturnLine
from orders.shipments.queries import InvoiceRow
from orders.shipments.states import AcceptanceState
from orders.tracking import queries as tracking
from orders.tracking.queries import Track
from products.households.models import Consent, Household, Village
from products.households.states import ConsentPurpose
from products.lots.models import Lot, StandingShare
from shop.core.actors import Actor
from shop.core.errors import NotFound
from shop.core.money import ZERO, Money
from shop.organisations.models import Organisation


@dataclass(frozen=True, slots=True)
class Party:
    """An organisation or person as papers name it."""

    name: str
    credit_code: str
    address: str
    contact: str
    phone: str


@dataclass(frozen=True, slots=True)
class PaperRow:
    """One paper of a purchase: `thing` is the public id of what it is about."""

    kind: PaperKind
    thing: str
    number: str
    at: datetime


@dataclass(frozen=True, slots=True)
class HouseholdEarned:
    """A household's part of a purchase in one lot; `name`, `village` are empty without consent."""

    lot_number: str
    name: str
    village: str
    earned: Earned


@dataclass(frozen=True, slots=True)
class Dossier:
    """A purchase with the papers its reader may have."""

    track: Track
    papers: tuple[PaperRow, ...]
    whole: bool


def dossier(tx: Session, purchase_id: str, actor: Actor) -> Dossier:
    """The file of a purchase: all of it for the buyer and overseers, its own part for a seller.

    Raises:
        NotFound: it is between others.
        NotAllowed: of the union, but without a role that reads purchases.
    """
    try:
        mine = tracking.track(tx, purchase_id, actor)
    except NotFound:
        sold = tracking.track_for_seller(tx, purchase_id, actor)
        between = (PaperKind.CONTRACT, PaperKind.DELIVERY_NOTE, PaperKind.ACCEPTANCE_RECORD)
        papers = tuple(paper for paper in papers_of(sold) if paper.kind in between)
        return Dossier(sold, papers, whole=False)
    return Dossier(mine, tuple(papers_of(mine)), whole=True)


def paper_in_hand(tx: Session, kind: PaperKind, thing: str) -> tuple[PaperRow, Track, Money]:
    """A paper that somebody holds, its purchase with persons masked, and the paper's amount.

    Raises:
        NotFound: no such paper was ever made.
    """
    seen = tracking.track_unseen(tx, thing)
    paper = next((p for p in papers_of(seen) if p.kind is kind and p.thing == thing), None)
    if paper is None:
        raise NotFound()
    amounts = {
        **{order.public_id: order.total for order in seen.orders},
        **{done.public_id: done.value for done in seen.acceptances},
        **{
            sent.public_id: sum((line.price * line.units for line in sent.lines), ZERO)
            for sent in seen.shipments
        },
    }
    return paper, seen, amounts.get(thing, seen.purchase.total)


def papers_of(track: Track) -> list[PaperRow]:
    """The papers a purchase has by now, in the order of the thread."""
    purchase = track.purchase
    if purchase.state is not PurchaseState.APPROVED or purchase.approved_at is None:
        return []
    rows = []
    if purchase.kind is PurchaseKind.BULK:
        rows += [
            PaperRow(
                PaperKind.CONTRACT,
                order.public_id,
                paper_number(PaperKind.CONTRACT, order.number),
                purchase.approved_at,
            )
            for order in track.orders
        ]
    rows.append(
        PaperRow(
            PaperKind.PAYMENT_SLIP,
            purchase.public_id,
            paper_number(PaperKind.PAYMENT_SLIP, purchase.number),
            purchase.approved_at,
        )
    )
    rows += [
        PaperRow(PaperKind.DELIVERY_NOTE, sent.public_id, sent.number, sent.shipped_at)
        for sent in track.shipments
    ]
    rows += [
        PaperRow(PaperKind.ACCEPTANCE_RECORD, done.public_id, done.number, done.signed_at)
        for done in track.acceptances
        if done.state is AcceptanceState.SIGNED and done.signed_at
    ]
    if track.progress.facts.settled_at:
        rows.append(
            PaperRow(
                PaperKind.SETTLEMENT_SHEET,
                purchase.public_id,
                paper_number(PaperKind.SETTLEMENT_SHEET, purchase.number),
                track.progress.facts.settled_at,
            )
        )
    return rows


def parties(tx: Session, keys: Iterable[int]) -> dict[int, Party]:
    """Organisations as papers name them, by internal key."""
    found = tx.execute(select(Organisation).where(Organisation.id.in_(list(keys))))
    return {
        row.id: Party(row.name, row.credit_code, row.address, row.contact, row.phone)
        for row in found.scalars()
    }


def invoices_by_order(track: Track) -> dict[int, list[InvoiceRow]]:
    """The invoices of a purchase by internal key of their order."""
    found: dict[int, list[InvoiceRow]] = defaultdict(list)
    for invoice in track.invoices:
        found[invoice.order_id].append(invoice)
    return found


def households_of(tx: Session, track: Track) -> list[HouseholdEarned]:
    """What each household earned of a purchase, by lot and public id; for its settlement sheet.

    Only acceptances that are fully paid count, as in a settlement run.
    """
    lot_ids = {
        taken.lot_id for order in track.orders for line in order.lines for taken in line.lots
    }
    backers = _backers(tx, lot_ids)
    events = _pool_events(tx, lot_ids, {order.id for order in track.orders})
    people = _people(tx, {b.household_id for found in backers.values() for b in found})
    numbers = {
        lot_id: number
        for lot_id, number in tx.execute(
            select(Lot.id, Lot.number).where(Lot.id.in_(lot_ids)).order_by(Lot.number)
        )
    }
    return [
        HouseholdEarned(number, *people[earned.household_id], earned)
        for lot_id, number in numbers.items()
        for earned in attribute(events[lot_id], backers[lot_id])
        if earned.share
    ]


def _backers(tx: Session, lot_ids: set[int]) -> dict[int, list[Backer]]:
    found: dict[int, list[Backer]] = defaultdict(list)
    rows = tx.execute(
        select(StandingShare)
        .join(Household, Household.id == StandingShare.household_id)
        .where(StandingShare.lot_id.in_(lot_ids))
        .order_by(StandingShare.lot_id, Household.public_id)
    )
    for share in rows.scalars():
        found[share.lot_id].append(Backer(share.household_id, share.value.fen, share.paid))
    return found


def _pool_events(tx: Session, lot_ids: set[int], mine: set[int]) -> dict[int, list[PoolEvent]]:
    """Every change of these lots' pools by paid acceptances and by returns of their goods."""
    accepted = tx.execute(
        select(Acceptance, AcceptanceLine, Allocation.lot_id, OrderLine.households)
        .join(AcceptanceLine, AcceptanceLine.acceptance_id == Acceptance.id)
        .join(Allocation, Allocation.id == AcceptanceLine.allocation_id)
        .join(OrderLine, OrderLine.id == Allocation.line_id)
        .where(Allocation.lot_id.in_(lot_ids), Acceptance.state == AcceptanceState.SIGNED)
        .order_by(AcceptanceLine.id)
    ).all()
    paid_at = _paid_at(tx, [row[0] for row in accepted])
    found: dict[int, list[PoolEvent]] = defaultdict(list)
    lines = {}
    for acceptance, line, lot_id, households in accepted:
        if acceptance.id in paid_at:
            lines[line.id] = (paid_at[acceptance.id], lot_id, households, acceptance.order_id)
            found[lot_id].append(
                PoolEvent(
                    paid_at[acceptance.id],
                    2 * line.id,
                    households * line.accepted_units,
                    acceptance.order_id in mine,
                )
            )
    returned = tx.execute(
        select(ReturnLine, Return.at)
        .join(Return, Return.id == ReturnLine.return_id)
        .where(ReturnLine.acceptance_line_id.in_(lines))
        .order_by(ReturnLine.id)
    )
    for back, at in returned:
        since, lot_id, households, order_id = lines[back.acceptance_line_id]
        place = 2 * back.acceptance_line_id + 1
        amount = -(households * back.units)
        found[lot_id].append(PoolEvent(max(at, since), place, amount, order_id in mine))
    return found


def _paid_at(tx: Session, acceptances: list[Acceptance]) -> dict[int, datetime]:
    """When each acceptance came to be fully paid; those still open are left out."""
    late = {row.id for row in acceptances if row.receivable}
    still_open = posting.balances(tx, AccountKind.BUYER_RECEIVABLE, late)
    rows = tx.execute(
        select(Account.owner_id, func.max(Journal.id))
        .join(Transfer, Transfer.credit_id == Account.id)
        .join(Journal, Journal.id == Transfer.journal_id)
        .where(Account.kind == AccountKind.BUYER_RECEIVABLE, Account.owner_id.in_(late))
        .group_by(Account.owner_id)
    )
    last = {owner_id: journal_id for owner_id, journal_id in rows}
    journals = {
        journal_id: at
        for journal_id, at in tx.execute(
            select(Journal.id, Journal.effective_at).where(Journal.id.in_(last.values()))
        )
    }
    signed = {row.id: row.signed_at for row in acceptances if row.signed_at}
    found = {key: at for key, at in signed.items() if key not in late}
    for key in late:
        if not still_open[key] and key in last:
            found[key] = max(signed[key], journals[last[key]])
    return found


def _people(tx: Session, keys: set[int]) -> dict[int, tuple[str, str]]:
    """Masked name and village by household, both empty where there is no consent to show them."""
    shown = select(Consent.household_id).where(
        Consent.purpose == ConsentPurpose.NAME, Consent.withdrawn_on.is_(None)
    )
    rows = tx.execute(
        select(Household.id, Household.name, Village.name, Household.id.in_(shown))
        .join(Village, Village.id == Household.village_id)
        .where(Household.id.in_(keys))
    )
    return {
        key: (name[:1] + "*" * max(1, len(name) - 1), village) if consents else ("", "")
        for key, name, village, consents in rows
    }
