"""What the products package brings to the application."""

from __future__ import annotations

from flask import Flask

from products.catalogue import views as catalogue
from products.certificates import views as certificate_rules
from products.disputes import views as disputes
from products.epcis import api as epcis
from products.epcis import views as lot_events
from products.epcis.commands import project_all
from products.households import consent_views as consents
from products.households import views as households
from products.lots import alarm_views as alarms
from products.lots import balance_views as balance
from products.lots import delivery_views as deliveries
from products.lots import dividing_views as dividing
from products.lots import process_views as processes
from products.lots import rule_views as mass_rules
from products.lots import views as lots
from products.prices import desk_views as price_desk
from products.prices import views as prices
from products.proofs import commands as proofs
from products.proofs import desk_views as log_desk
from products.proofs import log
from products.proofs import views as public_log
from products.quality import lot_test_views as lot_tests
from products.quality import public_views as promises
from products.quality import views as certificates
from products.stories import desk_views as stories
from products.stories import views as villages
from products.traceability import code_views as codes
from products.traceability import label_views as labels
from products.traceability import notice_views as notices
from products.traceability import views as trace
from products.traceability.label_commands import throw_away_old_labels
from shop.core.actors import CLOCK
from shop.jobs import timetable

VIEWS = (
    households,
    consents,
    deliveries,
    lots,
    dividing,
    alarms,
    mass_rules,
    processes,
    balance,
    disputes,
    certificate_rules,
    certificates,
    lot_tests,
    promises,
    catalogue,
    prices,
    price_desk,
    stories,
    villages,
    public_log,
    log_desk,
    trace,
    codes,
    labels,
    notices,
    epcis,
    lot_events,
)


def register(app: Flask) -> None:
    """Bring what is sold into the shop."""
    for views in VIEWS:
        app.register_blueprint(views.bp)
    app.jinja_env.globals.update(
        yields=deliveries.yields,
        papers_of_lot=lot_tests.papers_of_lot,
        papers_desk=lot_tests.papers_desk,
        papers_on_sale=promises.papers_on_sale,
        villages_behind=villages.villages_behind,
        freight_asked=prices.freight_asked,
    )
    log.configure(app.config["SHOP"].log_origin, app.config["SHOP"].log_key)
    _keep_time(app)


def _keep_time(app: Flask) -> None:
    """What is done by itself: sealing, signing, telling events in the words of EPCIS."""
    public_url = app.config["SHOP"].public_url
    timetable.add(app, "seal", minutes=1, run=lambda now: proofs.seal_due(actor=CLOCK, now=now))
    timetable.add(
        app, "checkpoint", minutes=10, run=lambda now: proofs.sign_if_due(actor=CLOCK, now=now)
    )
    timetable.add(app, "old_labels", minutes=60, run=lambda now: throw_away_old_labels(now=now))
    timetable.add(
        app, "epcis", minutes=5, run=lambda now: project_all(public_url, now, thorough=True)
    )
