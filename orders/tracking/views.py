"""Pages of purchases: the lists, one purchase from order to households, approval, payment."""

from __future__ import annotations

from flask import Blueprint, current_app, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from orders.purchasing import commands, queries
from orders.purchasing.cancel_queries import cancellable
from orders.purchasing.reordering import put_lines_back
from orders.tracking import queries as tracking
from shop.core import clock
from shop.core.errors import Refusal
from shop.core.permissions import Permission as P
from shop.organisations.acting import current_actor, current_organisation, requires, signed_in
from shop.organisations.models import OrganisationKind
from shop.web.forms import ReasonForm, ShopForm
from shop.web.views import reading

bp = Blueprint("purchases", __name__, url_prefix="/purchases")


@bp.get("/")
@requires(P.PURCHASE_READ)
def index() -> ResponseReturnValue:
    """A union's purchases, each with its state and what comes next."""
    union = current_organisation(OrganisationKind.UNION)
    actor = current_actor()
    rows = queries.purchases_of_union(reading(), union.id, actor)
    return render_template(
        "orders/purchasing/index.html",
        union=union,
        purchases=tracking.progress_of(reading(), rows),
        may_draft=actor.may(P.PURCHASE_DRAFT, union.id),
        may_approve=actor.may(P.PURCHASE_APPROVE, union.id),
    )


@bp.get("/mine")
@signed_in
def mine() -> ResponseReturnValue:
    """What the signed-in person bought for themselves."""
    rows = queries.purchases_of_person(reading(), current_actor())
    return render_template(
        "orders/purchasing/mine.html", purchases=tracking.progress_of(reading(), rows)
    )


@bp.get("/inbox")
@requires(P.PURCHASE_APPROVE)
def inbox() -> ResponseReturnValue:
    """Purchases that wait for this union's approvers."""
    union = current_organisation(OrganisationKind.UNION)
    rows = queries.waiting_for_approval(reading(), union.id, current_actor())
    return render_template(
        "orders/purchasing/inbox.html",
        union=union,
        purchases=tracking.progress_of(reading(), rows),
    )


@bp.get("/of/<about>")
@signed_in
def of(about: str) -> ResponseReturnValue:
    """Lead from a thing of a purchase (order, shipment, acceptance, return) to the purchase."""
    purchase_id = tracking.purchase_about(reading(), about)
    tracking.track(reading(), purchase_id, current_actor())  # not found unless theirs to see
    return redirect(url_for("purchases.show", purchase_id=purchase_id), code=303)


@bp.get("/<purchase_id>")
@signed_in
def show(purchase_id: str) -> ResponseReturnValue:
    """One purchase: where it stands, what it costs, who did what, what can be done."""
    actor = current_actor()
    track = tracking.track(reading(), purchase_id, actor)
    return render_template(
        "orders/purchasing/show.html",
        track=track,
        purchase=track.purchase,
        actions=queries.actions_for(track.purchase, track.orders, actor, track.acts),
        cancellable=cancellable(reading(), purchase_id, actor),
        may_order_again=track.purchase.union_id is None
        or actor.may(P.PURCHASE_DRAFT, track.purchase.union_id),
        reorder=ShopForm(),
    )


@bp.get("/<purchase_id>/approval")
@requires(P.PURCHASE_APPROVE)
def approval(purchase_id: str) -> ResponseReturnValue:
    """Everything an approver needs on one screen, and the two buttons."""
    return _approval(purchase_id, ShopForm(), ReasonForm())


@bp.post("/<purchase_id>/approval")
@requires(P.PURCHASE_APPROVE)
def approve(purchase_id: str) -> ResponseReturnValue:
    """Approve a purchase."""
    form = ShopForm()
    if form.validate_on_submit():
        try:
            commands.approve_purchase.once(form.once.data)(
                purchase_id=purchase_id, actor=current_actor(), now=clock.now()
            )
        except Refusal as refusal:
            form.refuse(refusal)
        else:
            flash(_("已批准，合作社可以备货了。"))
            return redirect(url_for("purchases.show", purchase_id=purchase_id), code=303)
    return _approval(purchase_id, form, ReasonForm(formdata=None))


@bp.post("/<purchase_id>/return")
@requires(P.PURCHASE_APPROVE)
def send_back(purchase_id: str) -> ResponseReturnValue:
    """Send a purchase back to its clerk with a reason."""
    form = ReasonForm()
    if form.validate_on_submit():
        try:
            commands.return_purchase.once(form.once.data)(
                purchase_id=purchase_id,
                reason=form.reason.data,
                actor=current_actor(),
                now=clock.now(),
            )
        except Refusal as refusal:
            form.refuse(refusal)
        else:
            flash(_("已退回经办人，占用的经费和库存都已释放。"))
            return redirect(url_for("purchases.show", purchase_id=purchase_id), code=303)
    return _approval(purchase_id, ShopForm(formdata=None), form)


@bp.route("/<purchase_id>/cancellation", methods=["GET", "POST"])
@signed_in
def cancel(purchase_id: str) -> ResponseReturnValue:
    """Cancel a purchase before anything was shipped."""
    form = ReasonForm()
    if form.validate_on_submit():
        try:
            commands.cancel_purchase.once(form.once.data)(
                purchase_id=purchase_id,
                reason=form.reason.data,
                actor=current_actor(),
                now=clock.now(),
            )
        except Refusal as refusal:
            form.refuse(refusal)
        else:
            flash(_("采购单已取消。已付的货款会原路退回。"))
            return redirect(url_for("purchases.show", purchase_id=purchase_id), code=303)
    track = tracking.track(reading(), purchase_id, current_actor())
    page = render_template(
        "orders/purchasing/cancel.html", form=form, track=track, purchase=track.purchase
    )
    return page, form.status


@bp.get("/<purchase_id>/payment")
@signed_in
def pay(purchase_id: str) -> ResponseReturnValue:
    """How to pay: account, amount and reference code, to be copied or printed."""
    track = tracking.track(reading(), purchase_id, current_actor())
    return render_template(
        "orders/purchasing/pay.html",
        track=track,
        purchase=track.purchase,
        shop=current_app.config["SHOP"],
    )


@bp.post("/<purchase_id>/lines")
@signed_in
def reorder(purchase_id: str) -> ResponseReturnValue:
    """Put the lines of a purchase back into the list they came from, to be submitted anew."""
    form = ShopForm()
    track = tracking.track(reading(), purchase_id, current_actor())
    if form.validate_on_submit():
        put_lines_back.once(form.once.data)(
            purchase_id=purchase_id, actor=current_actor(), now=clock.now()
        )
        flash(_("商品已放回清单，改好后再提交。"))
        return redirect(url_for(_list_of(track)), code=303)
    return redirect(url_for("purchases.show", purchase_id=purchase_id), code=303)


def _list_of(track: tracking.Track) -> str:
    return "cart.union" if track.purchase.union_id is not None else "cart.show"


def _approval(
    purchase_id: str, approve_form: ShopForm, return_form: ReasonForm
) -> ResponseReturnValue:
    actor = current_actor()
    track = tracking.track(reading(), purchase_id, actor)
    page = render_template(
        "orders/purchasing/approval.html",
        track=track,
        purchase=track.purchase,
        actions=queries.actions_for(track.purchase, track.orders, actor, track.acts),
        approve_form=approve_form,
        return_form=return_form,
    )
    return page, max(approve_form.status, return_form.status)
