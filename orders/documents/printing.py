"""Putting a paper together: what it says, its QR, its PDF; and the archive of all of them."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy.orm import Session

from orders.documents import phrases, wording
from orders.documents.queries import Dossier, PaperRow, households_of, parties
from orders.documents.states import PaperKind
from orders.purchasing.rows import OrderRow
from orders.shipments.queries import invoice_files
from orders.tracking.queries import Track
from products.proofs import queries as checkpoints
from shop.config import Config
from shop.core.errors import NotFound
from shop.printing import pdf
from shop.printing.archives import zipped


@dataclass(frozen=True, slots=True)
class File:
    """A file to hand out."""

    name: str
    content: bytes


def paper_file(tx: Session, found: Dossier, kind: PaperKind, thing: str, *, shop: Config) -> File:
    """One paper of a purchase as PDF.

    Args:
        thing: public id of what the paper is about.

    Raises:
        NotFound: the purchase has no such paper (yet), or not for this reader.
    """
    paper = next((p for p in found.papers if p.kind is kind and p.thing == thing), None)
    if paper is None:
        raise NotFound()
    return _printed(tx, found.track, paper, shop)


def check_link(shop: Config, paper: PaperRow) -> str:
    """Where the QR code of a paper leads: the page that confirms its number and amount."""
    return f"{shop.public_url}/papers/check/{paper.kind.value}/{paper.thing}"


def archive(tx: Session, found: Dossier, *, shop: Config) -> File:
    """All papers of a purchase with its invoices, in the order of the thread, as one ZIP."""
    track = found.track
    files = [_printed(tx, track, paper, shop) for paper in found.papers]
    contents = invoice_files(tx, [invoice.public_id for invoice in track.invoices])
    files += [
        File(f"发票-{invoice.download_name}", contents[invoice.public_id])
        for invoice in track.invoices
    ]
    return File(
        f"{track.purchase.number}.zip", zipped([(file.name, file.content) for file in files])
    )


def _printed(tx: Session, track: Track, paper: PaperRow, shop: Config) -> File:
    data = {**_data(tx, track, paper, shop), "link": check_link(shop, paper)}
    return File(f"{paper.number}-{paper.kind.label}.pdf", pdf.render(paper.kind.value, data))


def _data(tx: Session, track: Track, paper: PaperRow, shop: Config) -> phrases.Data:
    if paper.kind is PaperKind.PAYMENT_SLIP:
        return wording.payment_slip(paper, track, shop)
    if paper.kind is PaperKind.SETTLEMENT_SHEET:
        return wording.settlement_sheet(
            paper, track, households_of(tx, track), checkpoints.covering(tx, paper.at)
        )
    if paper.kind is PaperKind.CONTRACT:
        order = next(o for o in track.orders if o.public_id == paper.thing)
        people = parties(tx, [order.cooperative_id, track.purchase.union_id or 0])
        return wording.contract(paper, track, order, people)
    if paper.kind is PaperKind.DELIVERY_NOTE:
        shipment = next(s for s in track.shipments if s.public_id == paper.thing)
        order = _order(track, shipment.order_id)
        seller = parties(tx, [order.cooperative_id])[order.cooperative_id]
        return wording.delivery_note(paper, track, shipment, order, seller)
    acceptance = next(a for a in track.acceptances if a.public_id == paper.thing)
    order = _order(track, acceptance.order_id)
    seller = parties(tx, [order.cooperative_id])[order.cooperative_id]
    return wording.acceptance_record(paper, track, acceptance, order, seller)


def _order(track: Track, key: int) -> OrderRow:
    return next(order for order in track.orders if order.id == key)
