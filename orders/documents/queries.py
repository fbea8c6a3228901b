"""What papers are made of, and which papers a purchase has."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from orders.documents.attribution import earned_by
from orders.documents.rules import Earned, paper_number
from orders.documents.states import PaperKind
from orders.purchasing.models import OrderLine
from orders.purchasing.states import PurchaseKind, PurchaseState
from orders.shipments.queries import InvoiceRow
from orders.shipments.states import AcceptanceState
from orders.tracking import queries as tracking
from orders.tracking.queries import Track
from products.households.models import Consent, Household, Village
from products.households.states import ConsentPurpose
from products.lots.models import Lot
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
    lines = select(OrderLine.id).where(OrderLine.order_id.in_([o.id for o in track.orders]))
    by_lot = {lot.lot_id: lot.households for lot in earned_by(tx, lines)}
    people = masked_people(tx, {one.household_id for found in by_lot.values() for one in found})
    numbers = tx.execute(select(Lot.id, Lot.number).where(Lot.id.in_(by_lot)).order_by(Lot.number))
    return [
        HouseholdEarned(number, *people[earned.household_id], earned)
        for lot_id, number in numbers
        for earned in by_lot[lot_id]
        if earned.share
    ]


def masked_people(tx: Session, keys: set[int]) -> dict[int, tuple[str, str]]:
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
