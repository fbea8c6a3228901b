"""Pages of processes: a cooperative's own, and for the platform those offered to all."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from products.lots import process_queries
from products.lots.processes import add_process, retire_process
from products.lots.rows import ProcessRow
from products.lots.rule_forms import BareForm, ProcessEditForm
from shop.core import clock
from shop.core.errors import NotFound, Refusal
from shop.core.permissions import Permission as P
from shop.organisations.acting import (
    current_actor,
    current_organisation,
    my_organisations,
    requires,
)
from shop.organisations.models import OrganisationKind as K
from shop.organisations.queries import OrganisationRow
from shop.web.views import reading

bp = Blueprint("processes", __name__, url_prefix="/processes")


@bp.get("/")
@requires(P.PROCESS_EDIT)
def index() -> ResponseReturnValue:
    """The processes one may change, and those offered to all."""
    own, others = _mine()
    return render_template(
        "products/lots/processes.html",
        own=own,
        others=others,
        cooperative=_cooperative(),
        form=BareForm(),
    )


@bp.route("/new", methods=["GET", "POST"])
@requires(P.PROCESS_EDIT)
def new() -> ResponseReturnValue:
    """Write a process down."""
    return _edit(None)


@bp.route("/<process_id>/edit", methods=["GET", "POST"])
@requires(P.PROCESS_EDIT)
def edit(process_id: str) -> ResponseReturnValue:
    """Change a process: the old one is offered no more, lots made by it keep it."""
    return _edit(_one(process_id))


@bp.post("/<process_id>/retire")
@requires(P.PROCESS_EDIT)
def retire(process_id: str) -> ResponseReturnValue:
    """Offer a process no more."""
    _one(process_id)
    form = BareForm()
    if form.validate_on_submit():
        retire_process.once(form.once.data)(
            process_id=process_id, actor=current_actor(), now=clock.now()
        )
        flash(_("这道工艺不再提供；用它做的批次仍然记着它。"))
    return redirect(url_for("processes.index"), code=303)


def _edit(was: ProcessRow | None) -> ResponseReturnValue:
    cooperative = _cooperative()
    form = ProcessEditForm(
        **(
            {
                "category": was.category,
                "name": was.name,
                "name_en": was.name_en,
                "makes": was.makes,
                "makes_en": was.makes_en,
                "steps": tuple((step.name, step.name_en) for step in was.steps),
            }
            if was
            else {}
        )
    )
    if form.validate_on_submit():
        try:
            add_process.once(form.once.data)(
                cooperative_id=cooperative.public_id if cooperative else None,
                category=form.category.data,
                name=form.name.data,
                name_en=form.name_en.data or "",
                makes=form.makes.data,
                makes_en=form.makes_en.data or "",
                steps=form.steps.data,
                replaces_id=was.public_id if was else None,
                actor=current_actor(),
                now=clock.now(),
            )
        except Refusal as refusal:
            form.refuse(refusal)
        else:
            flash(_("工艺已登记，加工时可以选了。"))
            return redirect(url_for("processes.index"), code=303)
    return render_template("products/lots/process_edit.html", form=form, was=was), form.status


def _mine() -> tuple[tuple[ProcessRow, ...], tuple[ProcessRow, ...]]:
    """What one may change, and what is only shown."""
    cooperative = _cooperative()
    if cooperative is None:
        return process_queries.offered_to_all(reading(), current_actor()), ()
    found = process_queries.offered(reading(), cooperative.id, current_actor())
    return tuple(row for row in found if row.own), tuple(row for row in found if not row.own)


def _one(process_id: str) -> ProcessRow:
    for row in _mine()[0]:
        if row.public_id == process_id:
            return row
    raise NotFound()


def _cooperative() -> OrganisationRow | None:
    """The cooperative one acts for; None when one acts for the platform."""
    acting = current_organisation()
    kinds = {row.kind for row, _roles in my_organisations()}
    if acting.kind is K.PLATFORM or (K.PLATFORM in kinds and K.COOPERATIVE not in kinds):
        return None
    return current_organisation(K.COOPERATIVE)
