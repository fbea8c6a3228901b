"""A lot's way as EPCIS, for people: what is in it, and the file."""

from __future__ import annotations

from flask import Blueprint, Response, current_app, render_template
from flask.typing import ResponseReturnValue

from products.epcis import queries
from products.epcis.answers import document_of
from products.epcis.commands import project_all
from products.epcis.queries import LotEvents
from shop.core import clock
from shop.core.permissions import Permission as P
from shop.organisations.acting import current_actor, requires
from shop.web.views import fresh_reading, reading

bp = Blueprint("lot_events", __name__, url_prefix="/cooperative/lots")


@bp.get("/<lot_id>/epcis")
@requires(P.LOT_READ)
def show(lot_id: str) -> ResponseReturnValue:
    """What the export of a lot holds."""
    return render_template("products/epcis/show.html", page=_events_of(lot_id))


@bp.get("/<lot_id>/epcis.jsonld")
@requires(P.LOT_READ)
def download(lot_id: str) -> ResponseReturnValue:
    """The lot and everything behind it as one document."""
    found = _events_of(lot_id)
    answer = Response(document_of(found.bodies, clock.now()), mimetype="application/ld+json")
    answer.headers["Content-Disposition"] = f'attachment; filename="epcis-{found.number}.jsonld"'
    return answer


def _events_of(lot_id: str) -> LotEvents:
    public_url = current_app.config["SHOP"].public_url
    if queries.waiting(reading()):
        project_all(public_url, clock.now())
        fresh_reading()
    return queries.lot_events(reading(), lot=lot_id, public_url=public_url, actor=current_actor())
