"""What the products package brings to the application."""

from __future__ import annotations

from flask import Flask

from products.catalogue import views as catalogue
from products.disputes import views as disputes
from products.households import views as households
from products.lots import delivery_views as deliveries
from products.lots import views as lots
from products.traceability import label_views as labels
from products.traceability import views as trace


def register(app: Flask) -> None:
    """Bring what is sold into the shop."""
    for views in (households, deliveries, lots, disputes, catalogue, trace, labels):
        app.register_blueprint(views.bp)
    app.jinja_env.globals["yields"] = deliveries.yields
