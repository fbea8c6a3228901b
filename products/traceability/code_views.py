"""Codes of a cooperative: making them, giving them to lots, boxing, external codes."""

from __future__ import annotations

from collections.abc import Callable

from flask import Blueprint, current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from wtforms import SelectChoice

from products.traceability import boxes, code_commands, code_queries
from products.traceability.code_queries import BatchRow, LotCodes
from products.traceability.forms import (
    AllocateForm,
    BoxForm,
    BoxingForm,
    ExternalForm,
    MakeForm,
    WithdrawForm,
)
from products.traceability.states import CodeKind
from shop.core import clock
from shop.core.errors import Refusal
from shop.core.permissions import Permission as P
from shop.jobs import timetable
from shop.organisations.acting import current_actor, current_organisation, requires
from shop.organisations.models import OrganisationKind
from shop.web.filters import label
from shop.web.forms import ShopForm
from shop.web.views import fresh_reading, reading

bp = Blueprint("codes", __name__, url_prefix="/cooperative/codes")


@bp.route("/", methods=["GET", "POST"])
@requires(P.CODE_MAKE)
def index() -> ResponseReturnValue:
    """Codes in stock, making more of them, and external codes to be searched."""
    cooperative = current_organisation(OrganisationKind.COOPERATIVE)
    form = MakeForm()
    if form.validate_on_submit():
        try:
            job = code_commands.make_codes.once(form.once.data)(
                cooperative_id=cooperative.public_id,
                kind=form.kind.data,
                count=form.count.data or 0,
                actor=current_actor(),
                now=clock.now(),
            )
            return to_job(job)
        except Refusal as refusal:
            form.refuse(refusal)
    search = request.args.get("q", "")[:64]
    actor = current_actor()
    return render_template(
        "products/traceability/codes.html",
        batches=code_queries.batches(fresh_reading(), cooperative.id, actor),
        external=code_queries.external_codes(reading(), cooperative.id, actor, search),
        search=search,
        form=form,
    ), form.status


@bp.get("/of/<lot_id>")
@requires(P.CODE_MAKE)
def of_lot(lot_id: str) -> ResponseReturnValue:
    """The codes of a packed lot, and all that can be done with them."""
    return _lot_page(lot_id)


@bp.post("/of/<lot_id>/codes")
@requires(P.CODE_MAKE)
def make(lot_id: str) -> ResponseReturnValue:
    """Make codes for the lot."""
    form = MakeForm()

    def act() -> ResponseReturnValue:
        job = code_commands.make_codes_for_lot.once(form.once.data)(
            lot_id=lot_id,
            kind=form.kind.data,
            count=form.count.data or 0,
            actor=current_actor(),
            now=clock.now(),
        )
        return to_job(job)

    return _try(lot_id, form, "make", act)


@bp.post("/of/<lot_id>/allocations")
@requires(P.CODE_MAKE)
def allocate(lot_id: str) -> ResponseReturnValue:
    """Give codes of stock to the lot."""
    page = code_queries.lot_codes(reading(), lot_id, current_actor())
    form = AllocateForm()
    _offer(form, page.stock)

    def act() -> ResponseReturnValue:
        job = code_commands.allocate.once(form.once.data)(
            batch_id=form.batch_id.data,
            lot_id=lot_id,
            first_serial=form.first_serial.data or 0,
            count=form.count.data or 0,
            actor=current_actor(),
            now=clock.now(),
        )
        return to_job(job)

    return _try(lot_id, form, "allocate", act)


@bp.post("/of/<lot_id>/withdrawals")
@requires(P.CODE_MAKE)
def withdraw(lot_id: str) -> ResponseReturnValue:
    """Take one code out of use."""
    form = WithdrawForm()

    def act() -> ResponseReturnValue:
        code_commands.withdraw_code.once(form.once.data)(
            lot_id=lot_id,
            code=form.code.data or "",
            reason=form.reason.data or "",
            actor=current_actor(),
            now=clock.now(),
        )
        flash(_("这个码作废了，可以再制一个补上。"))
        return _back(lot_id)

    return _try(lot_id, form, "withdraw", act)


@bp.post("/of/<lot_id>/external")
@requires(P.CODE_MAKE)
def add_external(lot_id: str) -> ResponseReturnValue:
    """Note a code of another scheme."""
    form = ExternalForm()

    def act() -> ResponseReturnValue:
        code_commands.add_external_code.once(form.once.data)(
            lot_id=lot_id,
            scheme=form.scheme.data or "",
            value=form.value.data or "",
            actor=current_actor(),
            now=clock.now(),
        )
        flash(_("外部码已登记。"))
        return _back(lot_id)

    return _try(lot_id, form, "external", act)


@bp.post("/of/<lot_id>/boxes")
@requires(P.CODE_MAKE)
def pack_box(lot_id: str) -> ResponseReturnValue:
    """Note what was scanned into one box."""
    form = BoxForm()

    def act() -> ResponseReturnValue:
        boxes.pack_box.once(form.once.data)(
            lot_id=lot_id,
            box_code=form.box_code.data or "",
            contents=form.scanned,
            actor=current_actor(),
            now=clock.now(),
        )
        flash(_("这一箱记下了。"))
        return _back(lot_id)

    return _try(lot_id, form, "box", act)


@bp.post("/of/<lot_id>/boxing")
@requires(P.CODE_MAKE)
def box_in_order(lot_id: str) -> ResponseReturnValue:
    """Box the lot in the order of its serials."""
    form = BoxingForm()

    def act() -> ResponseReturnValue:
        packed = boxes.box_in_order.once(form.once.data)(
            lot_id=lot_id,
            per_box=form.per_box.data or 0,
            actor=current_actor(),
            now=clock.now(),
        )
        flash(_("按顺序装了 %(count)s 箱。", count=packed))
        return _back(lot_id)

    return _try(lot_id, form, "boxing", act)


def to_job(job: str) -> ResponseReturnValue:
    """On to the page of a job that was asked for."""
    timetable.wake(current_app)
    return redirect(url_for("jobs.show", job_id=job), code=303)


def _back(lot_id: str) -> ResponseReturnValue:
    return redirect(url_for("codes.of_lot", lot_id=lot_id), code=303)


def _try(
    lot_id: str, form: ShopForm, name: str, act: Callable[[], ResponseReturnValue]
) -> ResponseReturnValue:
    """Do what a form of the lot's page asks for, or show the page again with what is wrong."""
    if form.validate_on_submit():
        try:
            return act()
        except Refusal as refusal:
            form.refuse(refusal)
    return _lot_page(lot_id, sent=form, **{name: form})


def _lot_page(lot_id: str, sent: ShopForm | None = None, **forms: ShopForm) -> ResponseReturnValue:
    page = code_queries.lot_codes(fresh_reading(), lot_id, current_actor())
    shown: dict[str, ShopForm] = {
        "make": MakeForm(formdata=None, data={"count": page.uncoded or None}),
        "allocate": _allocate_form(page),
        "withdraw": WithdrawForm(formdata=None),
        "external": ExternalForm(formdata=None),
        "box": BoxForm(formdata=None),
        "boxing": BoxingForm(formdata=None),
    }
    shown |= forms
    for name, form in shown.items():
        form.apart(name)
    status = sent.status if sent else 200
    return render_template(
        "products/traceability/lot_codes.html",
        page=page,
        forms=shown,
        sent=sent,
        has_boxes=any(one.kind is CodeKind.BOX for one in page.allocations),
    ), status


def _allocate_form(page: LotCodes) -> AllocateForm:
    first = page.stock[0].next_serial if page.stock else None
    form = AllocateForm(formdata=None, data={"first_serial": first})
    _offer(form, page.stock)
    return form


def _offer(form: AllocateForm, stock: tuple[BatchRow, ...]) -> None:
    form.batch_id.choices = [
        SelectChoice(
            one.public_id,
            _(
                "%(kind)s，共 %(count)s 个，下一个是 %(next)s 号",
                kind=label(one.kind),
                count=one.count,
                next=one.next_serial,
            ),
        )
        for one in stock
    ]
