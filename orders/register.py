"""What the orders package brings to the application."""

from __future__ import annotations

from flask import Flask
from flask_login import user_logged_in

from orders.calendar import views as calendar
from orders.closing import check_views as book_checks
from orders.closing import file_views as account_files
from orders.closing import public_views as public_money
from orders.closing import views as closing
from orders.closing.checking import check_nightly
from orders.closing.exporting import throw_away_old_files
from orders.documents import views as documents
from orders.payments import giving_back, hooks, line_views
from orders.payments import views as payments
from orders.payments.layouts import views as bank_layouts
from orders.payouts import confirming, layout_views, refund_views, returned
from orders.payouts import views as payouts
from orders.purchasing import cart_views as cart
from orders.purchasing.commands import lapse_due
from orders.recalls import desk_views as recall_desk
from orders.recalls import views as recalls
from orders.recalls import work_views as recall_work
from orders.receivables import due_views as dues
from orders.receivables import reminder_views as reminders
from orders.receivables import term_views as payment_terms
from orders.receivables import views as receivables
from orders.receivables.reminding import remind_due
from orders.receivables.terms import start_clock
from orders.refunds import ways
from orders.reserves import views as reserves
from orders.returns import queries as return_queries
from orders.returns import views as returns
from orders.settlements import views as settlements
from orders.settlements.figures import revenues
from orders.shipments import acceptance_views as acceptances
from orders.shipments import hooks as acceptance_hooks
from orders.shipments import views as shipments
from orders.shipments.accepting import accept_by_silence
from orders.shipments.models import AcceptanceLine
from orders.statements import account_views, slip_views
from orders.statements import queries as statement_queries
from orders.statements import views as statements
from orders.statements.slip_commands import throw_away_old_slips
from orders.tracking import budget_views as budgets
from orders.tracking import cancel_views as cancellations
from orders.tracking import views as purchases
from products.lots import earnings
from products.traceability import slots
from shop.core.actors import CLOCK
from shop.jobs import timetable
from shop.web.views import reading


def register(app: Flask) -> None:
    """Bring orders into the shop."""
    for views in (
        budgets,
        cart,
        purchases,
        cancellations,
        shipments,
        acceptances,
        payments,
        line_views,
        bank_layouts,
        settlements,
        reserves,
        returns,
        payouts,
        layout_views,
        refund_views,
        calendar,
        receivables,
        reminders,
        dues,
        payment_terms,
        closing,
        book_checks,
        account_files,
        public_money,
        recalls,
        recall_desk,
        recall_work,
        documents,
        statements,
        account_views,
        slip_views,
    ):
        app.register_blueprint(views.bp)
    app.register_blueprint(line_views.buyer_bp)
    app.jinja_env.globals["held_for"] = line_views.held_for
    app.jinja_env.globals["cart_count"] = cart.count
    app.jinja_env.globals["recalls_of"] = recalls.of
    app.jinja_env.globals["returns_of"] = lambda key: return_queries.of_acceptance(reading(), key)
    user_logged_in.connect(cart.merge_on_sign_in, app)
    subscribe()
    # The trace page tells what a lot brought its households; products keep no money.
    slots.provide(statement_queries.lot_money)
    earnings.provide(lambda tx, lots: revenues(tx, AcceptanceLine.lot_id.in_(lots)))
    timetable.add(app, "lapse", minutes=10, run=lambda now: lapse_due(actor=CLOCK, now=now))
    timetable.add(
        app, "silence", minutes=30, run=lambda now: accept_by_silence(actor=CLOCK, now=now)
    )
    timetable.add(app, "remind", minutes=30, run=lambda now: remind_due(actor=CLOCK, now=now))
    timetable.add(
        app, "check_books", minutes=60, run=lambda now: check_nightly(actor=CLOCK, now=now)
    )
    timetable.add(
        app, "old_account_files", minutes=60, run=lambda now: throw_away_old_files(now=now)
    )
    timetable.add(app, "old_slips", minutes=60, run=lambda now: throw_away_old_slips(now=now))


def subscribe() -> None:
    """Let the left hear of what happens on the right; needs no web application.

    A statement's debit lines show payouts leaving, and payments may not know payouts by name. An
    unpaid acceptance starts its buyer's clock, and shipments may not know receivables either.
    """
    ways.on_refund(giving_back.take)
    hooks.on_outgoing(confirming.find_outgoing, confirming.confirm_outgoing)
    hooks.on_held(returned.take_back)
    acceptance_hooks.on_unpaid(start_clock)
