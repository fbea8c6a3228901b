"""What the products package brings to the application."""

from __future__ import annotations

from flask import Flask

from products.catalogue import views as catalogue
from products.households import views as households
from products.lots import delivery_views as deliveries
from products.lots import views as lots
from products.traceability import code_views as codes
from products.traceability import label_views as labels
from products.traceability import notice_views as notices
from products.traceability import views as trace
from products.traceability.label_commands import throw_away_old_labels
from shop.jobs import timetable


def register(app: Flask) -> None:
    """Bring what is sold into the shop."""
    for views in (households, deliveries, lots, catalogue, trace, codes, labels, notices):
        app.register_blueprint(views.bp)
    app.jinja_env.globals["yields"] = deliveries.yields
    timetable.add(app, "old_labels", minutes=60, run=lambda now: throw_away_old_labels(now=now))
