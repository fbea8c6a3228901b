"""The public page of a certificate, and reports that are public."""

from __future__ import annotations

from flask import Blueprint, Response, current_app, render_template, url_for
from flask.typing import ResponseReturnValue

from products.quality import public_queries, queries
from products.quality.rows import LotPapers
from products.quality.views import handed_out
from shop.core import clock
from shop.printing.pdf import qr_svg
from shop.web.views import open_to_all, reading

bp = Blueprint("promises", __name__, url_prefix="/c")


@bp.get("/<certificate_key>")
@open_to_all
def show(certificate_key: str) -> ResponseReturnValue:
    """A certificate: what is promised, by whom, for which lots; by public id or own number."""
    promise = public_queries.promise(reading(), certificate_key, day=clock.day_of(clock.now()))
    return render_template("products/quality/promise.html", promise=promise)


@bp.get("/<certificate_key>/qr.svg")
@open_to_all
def qr(certificate_key: str) -> ResponseReturnValue:
    """The QR code of a certificate's page."""
    promise = public_queries.promise(reading(), certificate_key, day=clock.day_of(clock.now()))
    link = current_app.config["SHOP"].public_url.rstrip("/") + url_for(
        "promises.show", certificate_key=promise.public_id
    )
    return Response(qr_svg(link), mimetype="image/svg+xml")


@bp.get("/reports/<report_key>")
@open_to_all
def report(report_key: str) -> ResponseReturnValue:
    """Download the report of a test that is marked public."""
    return handed_out(queries.public_report(reading(), report_key))


def papers_on_sale(trace_codes: list[str]) -> dict[str, LotPapers]:
    """The papers behind lots on sale, for the product's page, which knows nothing of lots."""
    return public_queries.on_sale(reading(), trace_codes)
