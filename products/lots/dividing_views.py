"""Pages that take a lot apart or put a delivery right: parts, by-products, losses, corrections."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from wtforms import SelectChoice

from products.lots import correcting, correcting_queries, dividing, queries
from products.lots.dividing_forms import CorrectSharesForm, DivideForm, LossForm
from shop.core import clock
from shop.core.errors import Refusal
from shop.core.money import Money
from shop.core.permissions import Permission as P
from shop.organisations.acting import current_actor, requires
from shop.web.forms import sent_again
from shop.web.views import reading

bp = Blueprint("dividing", __name__, url_prefix="/cooperative/lots")


@bp.route("/<lot_id>/divide", methods=["GET", "POST"])
@requires(P.LOT_MAKE)
def divide(lot_id: str) -> ResponseReturnValue:
    """Take parts or by-products out of a lot; more rows are asked for by a button of their own."""
    lot = queries.for_making(reading(), lot_id, current_actor())
    form = DivideForm()
    if request.form.get("step") == "more":
        form.parts.add_rows()
    elif form.validate_on_submit():
        try:
            made = dividing.divide.once(form.once.data)(
                lot_id=lot_id,
                kind=form.kind.data,
                parts=form.parts.data,
                note=form.note.data or "",
                actor=current_actor(),
                now=clock.now(),
            )
        except Refusal as refusal:
            form.refuse(refusal)
        else:
            flash(_("已分出 %(count)s 批，份额按重量带过去了。", count=len(made)))
            return redirect(url_for("lots.show", lot_id=lot_id), code=303)
    return render_template("products/lots/divide.html", lot=lot, form=form), form.status


@bp.route("/<lot_id>/lose", methods=["GET", "POST"])
@requires(P.LOT_MAKE)
def lose(lot_id: str) -> ResponseReturnValue:
    """Write down that some of a lot is gone."""
    lot = queries.for_making(reading(), lot_id, current_actor())
    form = LossForm()
    if form.validate_on_submit():
        try:
            dividing.lose.once(form.once.data)(
                lot_id=lot_id,
                grams=form.data["grams"],
                reason=form.reason.data,
                actor=current_actor(),
                now=clock.now(),
            )
        except Refusal as refusal:
            form.refuse(refusal)
        else:
            flash(_("损耗已登记，对应的份额一起扣除。"))
            return redirect(url_for("lots.show", lot_id=lot_id), code=303)
    return render_template("products/lots/lose.html", lot=lot, form=form), form.status


@bp.route("/<lot_id>/correct-shares", methods=["GET", "POST"])
@requires(P.LOT_MAKE)
def correct(lot_id: str) -> ResponseReturnValue:
    """Put a used delivery right: fill in, look at what would change, confirm."""
    was = correcting_queries.delivery(reading(), lot_id, current_actor())
    form = CorrectSharesForm(
        household_id=was.household_id,
        grams=was.grams,
        fen_per_kg=Money(was.fen_per_kg),
        payment=was.payment,
    )
    form.household_id.choices = [SelectChoice(key, name) for key, name in was.households]
    step = request.form.get("step", "check")
    if step != "edit" and form.validate_on_submit():
        facts = {
            "lot_id": lot_id,
            "household_id": form.household_id.data,
            "grams": form.data["grams"],
            "fen_per_kg": form.data["fen_per_kg"].fen,
            "payment": form.payment.data,
            "actor": current_actor(),
        }
        try:
            if step == "check":
                return render_template(
                    "products/lots/correct_shares_check.html",
                    was=was,
                    form=form,
                    preview=correcting_queries.preview(reading(), **facts),
                    sent=sent_again(),
                )
            changed = correcting.correct_shares.once(form.once.data)(
                **facts, reason=form.reason.data, now=clock.now()
            )
        except Refusal as refusal:
            form.refuse(refusal)
        else:
            flash(_("已更正：%(count)s 批的份额有了新的一版。", count=changed))
            return redirect(url_for("lots.show", lot_id=lot_id), code=303)
    return render_template("products/lots/correct_shares.html", was=was, form=form), form.status
