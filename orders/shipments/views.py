"""Pages of a cooperative that ships: orders, packing, invoices."""

from __future__ import annotations

import io

from flask import Blueprint, flash, redirect, render_template, request, send_file, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from orders.purchasing.cancel_queries import cancellable, cancellations_of
from orders.shipments import commands, queries, worklists
from orders.shipments.forms import ArriveForm, InvoiceForm, ShipForm
from shop.core import clock
from shop.core.errors import Refusal
from shop.core.permissions import Permission as P
from shop.organisations.acting import (
    current_actor,
    current_organisation,
    my_organisations,
    requires,
    signed_in,
)
from shop.organisations.models import OrganisationKind
from shop.web.views import reading

bp = Blueprint("shipments", __name__, url_prefix="/cooperative/orders")


@bp.get("/")
@requires(P.ORDER_READ)
def index() -> ResponseReturnValue:
    """Orders to send, oldest first; `?done=1` shows those already sent."""
    cooperative = current_organisation(OrganisationKind.COOPERATIVE)
    done = request.args.get("done") == "1"
    return render_template(
        "orders/shipments/index.html",
        cooperative=cooperative,
        orders=worklists.orders_of_cooperative(
            reading(), cooperative.id, current_actor(), done=done
        ),
        done=done,
    )


@bp.get("/<order_id>")
@requires(P.ORDER_READ)
def show(order_id: str) -> ResponseReturnValue:
    """One order: what goes where, what was sent, checked and invoiced."""
    actor = current_actor()
    desk = worklists.order_desk(reading(), order_id, actor)
    order = desk.head.order
    return render_template(
        "orders/shipments/show.html",
        desk=desk,
        order=order,
        given_up=cancellations_of(reading(), [order.id]),
        may_cancel=order_id in cancellable(reading(), desk.head.buyer.purchase_id, actor),
        arrive_form=ArriveForm(),
        at_home=any(row.id == order.cooperative_id for row, _roles in my_organisations()),
        may_ship=actor.may(P.ORDER_SHIP, order.cooperative_id),
        may_invoice=actor.may(P.INVOICE_RECORD, order.cooperative_id),
    )


@bp.route("/<order_id>/shipments/new", methods=["GET", "POST"])
@requires(P.ORDER_SHIP)
def new(order_id: str) -> ResponseReturnValue:
    """Send an order, or a part of it."""
    desk = worklists.order_desk(reading(), order_id, current_actor())
    form = ShipForm()
    form.carrier_id.choices = worklists.carriers(reading())
    if form.validate_on_submit():
        try:
            commands.ship.once(form.once.data)(
                order_id=order_id,
                carrier_id=form.carrier_id.data,
                waybill=(form.waybill.data or "").strip(),
                parcels=form.parcels.data or 0,
                lines=form.packed(),
                actor=current_actor(),
                now=clock.now(),
            )
        except Refusal as refusal:
            form.refuse(refusal)
        else:
            flash(_("已登记发货。送货单可以打印了。"))
            return redirect(url_for("shipments.show", order_id=order_id), code=303)
    elif not form.is_submitted():
        form.start(desk.head.order)
    page = render_template("orders/shipments/new.html", form=form, desk=desk, order=desk.head.order)
    return page, form.status


@bp.post("/<order_id>/shipments/<shipment_id>/arrival")
@requires(P.ORDER_SHIP)
def arrive(order_id: str, shipment_id: str) -> ResponseReturnValue:
    """Record that a shipment arrived."""
    form = ArriveForm()
    if form.validate_on_submit():
        commands.arrive.once(form.once.data)(
            shipment_id=shipment_id, actor=current_actor(), now=clock.now()
        )
        flash(_("已登记到货，等收货方验收。"))
    return redirect(url_for("shipments.show", order_id=order_id), code=303)


@bp.route("/<order_id>/invoices/new", methods=["GET", "POST"])
@requires(P.INVOICE_RECORD)
def new_invoice(order_id: str) -> ResponseReturnValue:
    """Record an invoice that was issued, with its file."""
    desk = worklists.order_desk(reading(), order_id, current_actor())
    form = InvoiceForm()
    if form.validate_on_submit():
        assert form.issued_on.data is not None
        assert form.amount.data is not None
        try:
            commands.record_invoice.once(form.once.data)(
                order_id=order_id,
                number=form.number.data.strip(),
                issued_on=form.issued_on.data,
                amount=form.amount.data,
                file_name=form.file.data.filename,
                media_type=form.file.media_type,
                content=form.file.content,
                actor=current_actor(),
                now=clock.now(),
            )
        except Refusal as refusal:
            form.refuse(refusal)
        else:
            flash(_("发票已登记，采购方可以下载了。"))
            return redirect(url_for("shipments.show", order_id=order_id), code=303)
    page = render_template(
        "orders/shipments/new_invoice.html", form=form, desk=desk, order=desk.head.order
    )
    return page, form.status


@bp.get("/invoices/<invoice_id>")
@signed_in
def invoice_file(invoice_id: str) -> ResponseReturnValue:
    """Download an invoice's file; for the cooperative that recorded it and for its buyer."""
    row = worklists.invoice(reading(), invoice_id, current_actor())
    return send_file(
        io.BytesIO(queries.invoice_files(reading(), [invoice_id])[invoice_id]),
        mimetype=row.media_type,
        as_attachment=True,
        download_name=row.download_name,
    )
