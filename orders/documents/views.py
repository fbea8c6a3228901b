"""Papers as PDF: contract, payment slip, delivery note, acceptance record, settlement sheet."""

from __future__ import annotations

import io

from flask import Blueprint, current_app, render_template, send_file
from flask.typing import ResponseReturnValue

from orders.documents import money_queries, printing, queries
from orders.documents.printing import File
from orders.documents.states import PaperKind
from shop.core.errors import NotFound
from shop.organisations.acting import current_actor, signed_in
from shop.web.views import open_to_all, reading

bp = Blueprint("documents", __name__, url_prefix="/papers")


@bp.get("/<purchase_id>")
@signed_in
def of_purchase(purchase_id: str) -> ResponseReturnValue:
    """The file of a purchase: every paper with number and date, and the invoices."""
    found = queries.dossier(reading(), purchase_id, current_actor())
    return render_template(
        "orders/documents/of_purchase.html",
        dossier=found,
        track=found.track,
        purchase=found.track.purchase,
    )


@bp.get("/<purchase_id>/<kind>/<thing>.pdf")
@signed_in
def paper(purchase_id: str, kind: str, thing: str) -> ResponseReturnValue:
    """One paper as PDF."""
    found = queries.dossier(reading(), purchase_id, current_actor())
    file = printing.paper_file(
        reading(), found, _kind(kind), thing, shop=current_app.config["SHOP"]
    )
    return _download(file, "application/pdf", as_attachment=False)


@bp.get("/<purchase_id>/all.zip")
@signed_in
def archive(purchase_id: str) -> ResponseReturnValue:
    """All papers of a purchase and its invoices in one ZIP."""
    found = queries.dossier(reading(), purchase_id, current_actor())
    file = printing.archive(reading(), found, shop=current_app.config["SHOP"])
    return _download(file, "application/zip", as_attachment=True)


@bp.get("/money/<order_id>/<specification_id>")
@signed_in
def money(order_id: str, specification_id: str) -> ResponseReturnValue:
    """Who got the money of one line of an order."""
    found = money_queries.of_line(reading(), order_id, specification_id, current_actor())
    return render_template(
        "orders/documents/money.html", got=found, line=found.line, purchase=found.purchase
    )


@bp.get("/check/<kind>/<thing>")
@open_to_all
def check(kind: str, thing: str) -> ResponseReturnValue:
    """What a paper's QR code leads to: whether it is ours, its number, day and amount."""
    paper_row, track, amount = queries.paper_in_hand(reading(), _kind(kind), thing)
    return render_template(
        "orders/documents/check.html",
        paper=paper_row,
        track=track,
        purchase=track.purchase,
        amount=amount,
    )


def _kind(value: str) -> PaperKind:
    found = next((kind for kind in PaperKind if kind.value == value), None)
    if found is None:
        raise NotFound()
    return found


def _download(file: File, media_type: str, *, as_attachment: bool) -> ResponseReturnValue:
    return send_file(
        io.BytesIO(file.content),
        mimetype=media_type,
        as_attachment=as_attachment,
        download_name=file.name,
    )
