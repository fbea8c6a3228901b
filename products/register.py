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
from products.proofs import commands as proofs
from products.proofs import desk_views as log_desk
from products.proofs import log
from products.proofs import views as public_log
from products.traceability import label_views as labels
from products.traceability import views as trace
from shop.core.actors import CLOCK
from shop.jobs import timetable


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
        public_log,
        log_desk,
        trace,
        labels,
    ):
        app.register_blueprint(views.bp)
    app.jinja_env.globals["yields"] = deliveries.yields
    log.configure(app.config["SHOP"].log_origin, app.config["SHOP"].log_key)
    timetable.add(app, "seal", minutes=1, run=lambda now: proofs.seal_due(actor=CLOCK, now=now))
    timetable.add(
        app, "checkpoint", minutes=10, run=lambda now: proofs.sign_if_due(actor=CLOCK, now=now)
    )
