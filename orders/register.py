"""What the orders package brings to the application."""

from __future__ import annotations

from flask import Flask
from flask_login import user_logged_in

from orders.documents import views as documents
from orders.payments import hooks
from orders.payments import views as payments
from orders.payouts import confirming
from orders.payouts import views as payouts
from orders.purchasing import cart_views as cart
from orders.purchasing.commands import lapse_due
from orders.recalls import desk_views as recall_desk
from orders.recalls import views as recalls
from orders.recalls import work_views as recall_work
from orders.reserves import views as reserves
from orders.settlements import views as settlements
from orders.settlements.figures import revenues
from orders.shipments import acceptance_views as acceptances
from orders.shipments import views as shipments
from orders.shipments.accepting import accept_by_silence
from orders.shipments.models import AcceptanceLine
from orders.statements import queries as statement_queries
from orders.statements import views as statements
from orders.tracking import budget_views as budgets
from orders.tracking import views as purchases
from products.lots import earnings
from products.traceability import slots
from shop.core.actors import CLOCK
from shop.jobs import timetable


def register(app: Flask) -> None:
    """Bring orders into the shop."""
    for views in (
        budgets,
        cart,
        purchases,
        shipments,
        acceptances,
        payments,
        settlements,
        reserves,
        payouts,
        recalls,
        recall_desk,
        recall_work,
        documents,
        statements,
    ):
        app.register_blueprint(views.bp)
    app.jinja_env.globals["cart_count"] = cart.count
    app.jinja_env.globals["recalls_of"] = recalls.of
    user_logged_in.connect(cart.merge_on_sign_in, app)
    subscribe()
    # The trace page tells what a lot brought its households; products keep no money.
    slots.provide(statement_queries.lot_money)
    earnings.provide(lambda tx, lots: revenues(tx, AcceptanceLine.lot_id.in_(lots)))
    timetable.add(app, "lapse", minutes=10, run=lambda now: lapse_due(actor=CLOCK, now=now))
    timetable.add(
        app, "silence", minutes=30, run=lambda now: accept_by_silence(actor=CLOCK, now=now)
    )


def subscribe() -> None:
    """Let the left hear of what happens on the right; needs no web application.

    A statement's debit lines show payouts leaving, and payments may not know payouts by name.
    """
    hooks.on_outgoing(confirming.find_outgoing, confirming.confirm_outgoing)
