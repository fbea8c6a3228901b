"""Pages of lots: making, blending, packing, stock."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from wtforms import SelectChoice

from products.lots import commands, lot_queries, pictures, process_queries, queries
from products.lots.forms import BlendForm, PackForm, ProcessForm
from products.lots.mass_balance import ratio_window
from products.lots.rows import LotRow, Making, ProcessRow
from products.lots.states import LotKind
from shop.core import clock
from shop.core.errors import NotFound, Refusal
from shop.core.permissions import Permission as P
from shop.core.weight import kg_text
from shop.organisations.acting import (
    current_actor,
    current_organisation,
    my_organisations,
    requires,
)
from shop.organisations.models import OrganisationKind
from shop.organisations.queries import OrganisationRow
from shop.web.forms import ShopForm, sent_again
from shop.web.views import reading

bp = Blueprint("lots", __name__, url_prefix="/cooperative/lots")


@dataclass(frozen=True, slots=True)
class Bench:
    """What a making page works with: the step, its form, the lots on offer."""

    kind: LotKind
    form: ShopForm
    lots: tuple[LotRow, ...]
    process: ProcessRow | None = None


@bp.get("/")
@requires(P.LOT_READ)
def index() -> ResponseReturnValue:
    """What can be made, and what was made last."""
    cooperative = _cooperative()
    return render_template(
        "products/lots/index.html",
        recent=queries.recent(reading(), cooperative.id, current_actor()),
        stock=queries.stock(reading(), cooperative.id, current_actor()),
        may_make=_may_make(),
    )


@bp.get("/stock")
@requires(P.LOT_READ)
def stock() -> ResponseReturnValue:
    """What is left of every lot, by step."""
    return render_template(
        "products/lots/stock.html",
        stock=queries.stock(reading(), _cooperative().id, current_actor()),
        may_make=_may_make(),
    )


@bp.get("/processing/new")
@requires(P.LOT_MAKE)
def choose_process() -> ResponseReturnValue:
    """Choose the process; where there is one only, go on with it."""
    processes = process_queries.offered(reading(), _cooperative().id, current_actor())
    chosen = request.args.getlist("lot")
    if len(processes) == 1:
        only = processes[0].public_id
        return redirect(url_for("lots.process", process_id=only, lot=chosen), code=303)
    waiting = queries.processable(reading(), _cooperative().id, current_actor())
    return render_template(
        "products/lots/processes_to_choose.html",
        fitting=[process for process in processes if waiting.get(process.category)],
        others=[process for process in processes if not waiting.get(process.category)],
        waiting=waiting,
        lots=chosen,
    )


@bp.route("/processing/<process_id>/new", methods=["GET", "POST"])
@requires(P.LOT_MAKE)
def process(process_id: str) -> ResponseReturnValue:
    """Make a lot by a process."""
    processes = process_queries.offered(reading(), _cooperative().id, current_actor())
    chosen = next((one for one in processes if one.public_id == process_id), None)
    if chosen is None:
        raise NotFound()
    form = ProcessForm()
    form.steps.offer(chosen.steps)
    bench = _bench(LotKind.PROCESSED, form, chosen)

    def plan() -> Making:
        return queries.making(
            bench.lots,
            bench.kind,
            form.inputs.data,
            grams=form.data["grams"],
            window=ratio_window(
                reading(),
                chosen.category,
                chosen.makes,
                form.grade.data or "",
                clock.day_of(clock.now()),
            ),
        )

    def act() -> str:
        return commands.process.once(form.once.data)(
            cooperative_id=_cooperative().public_id,
            process_id=chosen.public_id,
            inputs=form.inputs.data,
            grams=form.data["grams"],
            grade=form.grade.data or "",
            steps=form.steps.data,
            note=form.note.data or "",
            actor=current_actor(),
            now=clock.now(),
        )

    return _make(bench, plan, act)


@bp.route("/blend/new", methods=["GET", "POST"])
@requires(P.LOT_MAKE)
def blend() -> ResponseReturnValue:
    """Blend lots into one."""
    form = BlendForm()
    bench = _bench(LotKind.BLEND, form)

    def plan() -> Making:
        return queries.making(bench.lots, bench.kind, form.inputs.data, grams=form.data["grams"])

    def act() -> str:
        return commands.blend.once(form.once.data)(
            cooperative_id=_cooperative().public_id,
            inputs=form.inputs.data,
            grams=form.data["grams"],
            name=form.name.data,
            grade=form.grade.data or "",
            certificate=form.certificate.data or "",
            new_certificate=form.new_certificate.data,
            note=form.note.data or "",
            actor=current_actor(),
            now=clock.now(),
        )

    return _make(bench, plan, act)


@bp.route("/pack/new", methods=["GET", "POST"])
@requires(P.LOT_MAKE)
def pack() -> ResponseReturnValue:
    """Pack lots into units of one specification."""
    form = PackForm()
    bench = _bench(LotKind.PACKED, form)
    packings = {
        packing.public_id: packing
        for packing in queries.packings(reading(), _cooperative().id, current_actor())
    }
    form.specification_id.choices = [
        SelectChoice(
            key,
            _(
                "%(product)s %(name)s，净含量 %(net)s 公斤",
                product=packing.product,
                name=packing.name,
                net=kg_text(packing.net_grams),
            ),
        )
        for key, packing in packings.items()
    ]

    def plan() -> Making:
        return queries.making(
            bench.lots,
            bench.kind,
            form.inputs.data,
            packing=packings[form.specification_id.data],
            units=form.data["units"],
        )

    def act() -> str:
        return commands.pack.once(form.once.data)(
            cooperative_id=_cooperative().public_id,
            inputs=form.inputs.data,
            specification_id=form.specification_id.data,
            units=form.data["units"],
            certificate=form.certificate.data or "",
            new_certificate=form.new_certificate.data,
            best_before=form.data["best_before"],
            note=form.note.data or "",
            actor=current_actor(),
            now=clock.now(),
        )

    return _make(bench, plan, act)


@bp.get("/<lot_id>")
@requires(P.LOT_READ, P.AUDIT_READ)
def show(lot_id: str) -> ResponseReturnValue:
    """One lot: what went in, what was made of it, who is behind it, its history."""
    page = lot_queries.lot(reading(), lot_id, current_actor())
    mine = {row.public_id: row.id for row, _roles in my_organisations()}
    key = mine.get(page.cooperative_id)
    return render_template(
        "products/lots/show.html",
        page=page,
        picture=page.graph and pictures.of_lots(page.graph),
        at_home=key is not None,
        may_make=key is not None and current_actor().may(P.LOT_MAKE, key),
    )


def _bench(kind: LotKind, form: Any, process: ProcessRow | None = None) -> Bench:
    """Offer the lots this step takes; those named in the address, or all, are ticked."""
    category = process.category if process else None
    lots = queries.candidates(reading(), _cooperative().id, current_actor(), kind, category)
    every = [lot.public_id for lot in lots] if "all" in request.args else []
    form.inputs.offer(lots, frozenset([*every, *request.args.getlist("lot")]))
    return Bench(kind, form, lots, process)


def _make(bench: Bench, plan: Callable[[], Making], act: Callable[[], str]) -> ResponseReturnValue:
    """Fill in, look at the sums once more, make; the same three steps for every kind."""
    form, step = bench.form, request.form.get("step", "record")
    if step != "edit" and form.validate_on_submit():
        if step == "check":
            return render_template(
                "products/lots/make_check.html",
                kind=bench.kind,
                process=bench.process,
                form=form,
                making=plan(),
                sent=sent_again(),
            )
        try:
            lot = act()
        except Refusal as refusal:
            form.refuse(refusal)
        else:
            flash(_("批次已记录，农户份额已封存。"))
            return redirect(url_for("lots.show", lot_id=lot), code=303)
    return render_template(
        "products/lots/make.html",
        kind=bench.kind,
        process=bench.process,
        form=form,
        lots=bench.lots,
    ), form.status


def _cooperative() -> OrganisationRow:
    return current_organisation(OrganisationKind.COOPERATIVE)


def _may_make() -> bool:
    return current_actor().may(P.LOT_MAKE, _cooperative().id)
