"""What the products package brings to the application."""

from __future__ import annotations

from flask import Flask

from products.catalogue import views as catalogue
from products.households import views as households
from products.lots import alarm_views as alarms
from products.lots import balance_views as balance
from products.lots import delivery_views as deliveries
from products.lots import dividing_views as dividing
from products.lots import process_views as processes
from products.lots import rule_views as mass_rules
from products.lots import views as lots
from products.traceability import label_views as labels
from products.traceability import views as trace


def register(app: Flask) -> None:
    """Bring what is sold into the shop."""
    for views in (
        households,
        deliveries,
        lots,
        dividing,
        alarms,
        mass_rules,
        processes,
        balance,
        catalogue,
        trace,
        labels,
    ):
        app.register_blueprint(views.bp)
    app.jinja_env.globals["yields"] = deliveries.yields
