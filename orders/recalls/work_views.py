"""Pages of following a recall up: a cooperative's desk, one order, what is to be destroyed."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from orders.recalls import destroying, following, queries
from orders.recalls.forms import DestroyForm, FollowForm
from shop.core import clock
from shop.core.errors import Refusal
from shop.core.permissions import Permission as P
from shop.organisations.acting import current_actor, current_organisation, requires
from shop.organisations.models import OrganisationKind
from shop.organisations.queries import OrganisationRow
from shop.web.forms import ReasonForm, ShopForm
from shop.web.views import fresh_reading, reading

bp = Blueprint("recall_work", __name__, url_prefix="/cooperative/recalls")


@bp.get("/")
@requires(P.RECALL_FOLLOW)
def index() -> ResponseReturnValue:
    """The recalls with lots of this cooperative."""
    return render_template(
        "orders/recalls/work_index.html",
        recalls=queries.recalls_of_cooperative(reading(), _cooperative().id, current_actor()),
    )


@bp.get("/<recall_id>")
@requires(P.RECALL_FOLLOW)
def show(recall_id: str) -> ResponseReturnValue:
    """A cooperative's part of a recall: its stock to set apart, its orders to follow."""
    return render_template(
        "orders/recalls/work.html",
        page=queries.recall_at(reading(), recall_id, _cooperative().id, current_actor()),
        act=ShopForm(formdata=None),
    )


@bp.post("/notices/<notice_id>/read")
@requires(P.RECALL_FOLLOW)
def take_note(notice_id: str) -> ResponseReturnValue:
    """The cooperative has read it and set the goods apart."""
    form = ShopForm()
    if form.validate_on_submit():
        following.take_note.once(form.once.data)(
            notice_id=notice_id, actor=current_actor(), now=clock.now()
        )
        flash(_("已记下：货已经单独放开。"), "ok")
    recall, _notice = queries.notice(fresh_reading(), notice_id, current_actor())
    return redirect(_home(recall.public_id), code=303)


@bp.route("/notices/<notice_id>", methods=["GET", "POST"])
@requires(P.RECALL_FOLLOW)
def follow(notice_id: str) -> ResponseReturnValue:
    """One order of a recall: what became of its units, line by line."""
    form = FollowForm()
    if form.validate_on_submit():
        try:
            following.follow_up.once(form.once.data)(
                notice_id=notice_id,
                fate=form.fate.data,
                units=-form.data["units"] if form.correction.data else form.data["units"],
                channel=form.channel.data,
                words=form.words.data or "",
                actor=current_actor(),
                now=clock.now(),
            )
        except Refusal as refusal:
            form.refuse(refusal)
        else:
            flash(_("已记下。"), "ok")
            return redirect(url_for("recall_work.follow", notice_id=notice_id), code=303)
    recall, notice = queries.notice(fresh_reading(), notice_id, current_actor())
    return render_template(
        "orders/recalls/follow.html",
        recall=recall,
        notice=notice,
        form=form,
        home=_home(recall.public_id),
    ), form.status


@bp.route("/<recall_id>/lots/<lot_id>/destruction", methods=["GET", "POST"])
@requires(P.RECALL_FOLLOW)
def propose(recall_id: str, lot_id: str) -> ResponseReturnValue:
    """Say what of a lot is to be destroyed; a second person sees it done."""
    page = queries.recall_for(reading(), recall_id, lot_id, current_actor())
    one = page.lot(lot_id)
    form = DestroyForm(grams=one.lot.left_grams, units=one.lot.units_free)
    if form.validate_on_submit():
        packed = one.lot.packed
        try:
            destroying.propose_destruction.once(form.once.data)(
                recall_id=recall_id,
                lot_id=lot_id,
                grams=0 if packed else form.data["grams"] or 0,
                units=(form.data["units"] or 0) if packed else 0,
                words=form.words.data or "",
                actor=current_actor(),
                now=clock.now(),
            )
        except Refusal as refusal:
            form.refuse(refusal)
        else:
            flash(_("已登记，等另一位同事到场确认。"), "ok")
            return redirect(_home(recall_id), code=303)
    return render_template(
        "orders/recalls/destroy.html", page=page, one=one, form=form, home=_home(recall_id)
    ), form.status


@bp.post("/<recall_id>/destructions/<destruction_id>/done")
@requires(P.RECALL_FOLLOW)
def destroy(recall_id: str, destruction_id: str) -> ResponseReturnValue:
    """The second person has seen it destroyed."""
    form = ShopForm()
    if form.validate_on_submit():
        destroying.destroy.once(form.once.data)(
            destruction_id=destruction_id, actor=current_actor(), now=clock.now()
        )
        flash(_("已销毁，库存已减。"), "ok")
    return redirect(_home(recall_id), code=303)


@bp.route("/<recall_id>/destructions/<destruction_id>/withdrawal", methods=["GET", "POST"])
@requires(P.RECALL_FOLLOW)
def withdraw(recall_id: str, destruction_id: str) -> ResponseReturnValue:
    """Take a proposal back."""
    row = queries.destruction(reading(), destruction_id, current_actor())
    form = ReasonForm()
    if form.validate_on_submit():
        try:
            destroying.withdraw_destruction.once(form.once.data)(
                destruction_id=destruction_id,
                reason=form.reason.data or "",
                actor=current_actor(),
                now=clock.now(),
            )
        except Refusal as refusal:
            form.refuse(refusal)
        else:
            flash(_("已撤回，货还在库里。"), "ok")
            return redirect(_home(recall_id), code=303)
    return render_template(
        "orders/recalls/withdraw.html", row=row, form=form, home=_home(recall_id)
    ), form.status


def _home(recall_id: str) -> str:
    """The page of the recall: the platform's, or the cooperative's part."""
    desk = current_actor().may(P.PLATFORM_READ)
    return url_for("recall_desk.show" if desk else "recall_work.show", recall_id=recall_id)


def _cooperative() -> OrganisationRow:
    return current_organisation(OrganisationKind.COOPERATIVE)
