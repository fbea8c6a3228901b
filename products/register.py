"""What the products package brings to the application."""

from __future__ import annotations

from flask import Flask

from products.catalogue import views as catalogue
from products.epcis import api as epcis
from products.epcis import views as lot_events
from products.epcis.commands import project_all
from products.households import views as households
from products.lots import delivery_views as deliveries
from products.lots import views as lots
from products.traceability import label_views as labels
from products.traceability import views as trace
from shop.jobs import timetable


def register(app: Flask) -> None:
    """Bring what is sold into the shop."""
    for views in (households, deliveries, lots, catalogue, trace, labels, epcis, lot_events):
        app.register_blueprint(views.bp)
    app.jinja_env.globals["yields"] = deliveries.yields
    public_url = app.config["SHOP"].public_url
    timetable.add(
        app, "epcis", minutes=5, run=lambda now: project_all(public_url, now, thorough=True)
    )
