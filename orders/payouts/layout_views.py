"""Pages of bank layouts: what each looks like, and a place to try a bank's file on it."""

from __future__ import annotations

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from orders.payments.formats.sheets import Fault, FileRefused
from orders.payouts.answers import ResultLine, read_results
from orders.payouts.forms import ResultForm
from orders.payouts.layouts import layouts
from orders.payouts.samples import sample_of
from shop.core.errors import NotFound
from shop.core.permissions import Permission
from shop.organisations.acting import requires

bp = Blueprint("payout_layouts", __name__, url_prefix="/platform/payout-layouts")

#: Lines of a tried file that the page shows.
SHOWN = 50


@bp.get("/")
@requires(Permission.PLATFORM_READ)
def index() -> ResponseReturnValue:
    """Every bank whose files the shop can write and read."""
    return render_template("orders/payouts/layouts.html", layouts=list(layouts().values()))


@bp.route("/<code>", methods=["GET", "POST"])
@requires(Permission.PLATFORM_READ)
def show(code: str) -> ResponseReturnValue:
    """One bank's layouts with sample rows; a result file may be tried, nothing is kept of it."""
    layout = layouts().get(code)
    if layout is None:
        raise NotFound()
    form = ResultForm()
    read: tuple[ResultLine, ...] = ()
    faults: tuple[Fault, ...] = ()
    if form.validate_on_submit():
        try:
            read = read_results(layout.result, form.file.data.read())
        except FileRefused as refusal:
            form.status, faults = refusal.status, refusal.faults
    page = render_template(
        "orders/payouts/layout.html",
        layout=layout,
        sample=sample_of(layout),
        form=form,
        read=read[:SHOWN],
        count=len(read),
        faults=faults[:SHOWN],
    )
    return page, form.status
