"""What the products package brings to the application."""

from __future__ import annotations

from flask import Flask

from products.catalogue import views as catalogue
from products.certificates import views as certificate_rules
from products.households import consent_views as consents
from products.households import views as households
from products.lots import delivery_views as deliveries
from products.lots import views as lots
from products.quality import lot_test_views as lot_tests
from products.quality import public_views as promises
from products.quality import views as certificates
from products.stories import desk_views as stories
from products.stories import views as villages
from products.traceability import label_views as labels
from products.traceability import views as trace


def register(app: Flask) -> None:
    """Bring what is sold into the shop."""
    for views in (
        households,
        deliveries,
        lots,
        catalogue,
        trace,
        labels,
        certificates,
        lot_tests,
        promises,
        consents,
        certificate_rules,
        stories,
        villages,
    ):
        app.register_blueprint(views.bp)
    app.jinja_env.globals["yields"] = deliveries.yields
    app.jinja_env.globals["papers_of_lot"] = lot_tests.papers_of_lot
    app.jinja_env.globals["papers_desk"] = lot_tests.papers_desk
    app.jinja_env.globals["papers_on_sale"] = promises.papers_on_sale
    app.jinja_env.globals["villages_behind"] = villages.villages_behind
