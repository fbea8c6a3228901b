"""Pages where a cooperative drafts prices, discounts and freight tables."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from products.catalogue.product_page import SpecificationShown
from products.catalogue.queries import composition_of, ladders
from products.prices import deciding, drafting, queries
from products.prices.forms import DiscountForm, FreightForm, PriceForm
from products.prices.freight import Asked, asked_of
from products.prices.rules import PARTS, differences
from shop.core import clock
from shop.core.errors import Refusal
from shop.core.permissions import Permission as P
from shop.organisations.acting import current_actor, current_organisation, requires
from shop.organisations.models import OrganisationKind
from shop.organisations.queries import by_kind
from shop.web.forms import ShopForm, WithdrawForm
from shop.web.views import fresh_reading, reading

bp = Blueprint("prices", __name__, url_prefix="/cooperative/prices")

#: So many rungs of a ladder have their freight told beside them.
_RUNGS_TOLD = 3


@bp.get("/")
@requires(P.CATALOGUE_EDIT)
def index() -> ResponseReturnValue:
    """What everything costs today and soon, and all that was drafted and decided."""
    cooperative = current_organisation(OrganisationKind.COOPERATIVE)
    tx, actor, today = reading(), current_actor(), clock.day_of(clock.now())
    return render_template(
        "products/prices/index.html",
        goods=queries.goods(tx, cooperative, actor, today),
        papers=queries.papers_of(tx, cooperative, actor),
    )


@bp.route("/new/<specification_id>", methods=["GET", "POST"])
@requires(P.CATALOGUE_EDIT)
def new_price(specification_id: str) -> ResponseReturnValue:
    """Draft a price: checked as often as wished, then kept or sent for approval."""
    actor, now = current_actor(), clock.now()
    product, specification = queries.named(reading(), specification_id, actor)
    form = PriceForm(data=_begin_with(specification_id))
    made = None
    if form.validate_on_submit():
        given = {
            "specification_id": specification_id,
            "from_day": form.data["from_day"],
            "tax_class": form.tax_class.data,
            "price": form.data["price"],
            "parts": form.parts,
            "steps": form.steps.data,
            "actor": actor,
            "now": now,
        }
        wish = request.form.get("act")
        try:
            if wish not in ("draft", "send"):
                made = drafting.try_price(reading(), **given)
            else:
                price = drafting.draft_price.once(form.once.data)(send=wish == "send", **given)
                return _kept(price, sent=wish == "send")
        except Refusal as refusal:
            form.refuse(refusal)
    before = queries.present(
        fresh_reading(), specification_id, form.from_day.data or clock.day_of(now)
    )
    page = render_template(
        "products/prices/new_price.html",
        form=form,
        product=product,
        specification=specification,
        made=made,
        differences=differences(composition_of(before) if before else None, made) if made else (),
    )
    return page, form.status


@bp.route("/discounts/new", methods=["GET", "POST"])
@requires(P.CATALOGUE_EDIT)
def new_discount() -> ResponseReturnValue:
    """Draft a discount; its page shows what it does before it is sent."""
    cooperative = current_organisation(OrganisationKind.COOPERATIVE)
    actor, now = current_actor(), clock.now()
    form = DiscountForm(specification=request.args.get("specification"))
    today = clock.day_of(now)
    goods = [one for one in queries.goods(reading(), cooperative, actor, today) if one.price]
    form.offer(goods, by_kind(reading(), OrganisationKind.UNION))
    if form.validate_on_submit():
        try:
            discount = drafting.draft_discount.once(form.once.data)(
                specification_id=form.specification.data,
                union_id=form.union.data or None,
                from_day=form.data["from_day"],
                until_day=form.data["until_day"],
                price=form.price.data,
                percent=form.percent.data,
                send=False,
                actor=actor,
                now=now,
            )
        except Refusal as refusal:
            form.refuse(refusal)
        else:
            return _kept(discount, sent=False)
    page = render_template("products/prices/new_discount.html", form=form, goods=goods)
    return page, form.status


@bp.route("/freight/new", methods=["GET", "POST"])
@requires(P.CATALOGUE_EDIT)
def new_freight() -> ResponseReturnValue:
    """Draft a freight table; its page shows what it asks before it is sent."""
    cooperative = current_organisation(OrganisationKind.COOPERATIVE)
    actor, now = current_actor(), clock.now()
    like = request.args.get("like")
    form = FreightForm(
        from_day=clock.day_of(now),
        zones=queries.paper(reading(), like, actor, clock.day_of(now)).zones if like else (),
    )
    if form.validate_on_submit():
        try:
            table = drafting.draft_freight.once(form.once.data)(
                cooperative_id=cooperative.public_id,
                from_day=form.data["from_day"],
                zones=form.zones.data,
                send=False,
                actor=actor,
                now=now,
            )
        except Refusal as refusal:
            form.refuse(refusal)
        else:
            return _kept(table, sent=False)
    return render_template("products/prices/new_freight.html", form=form), form.status


@bp.get("/<thing_id>")
@requires(P.CATALOGUE_EDIT)
def show(thing_id: str) -> ResponseReturnValue:
    """One price, discount or freight table: what it says, what it changes, who did what."""
    return _page(thing_id)


@bp.post("/<thing_id>/send")
@requires(P.CATALOGUE_EDIT)
def send(thing_id: str) -> ResponseReturnValue:
    """Send a draft for approval."""
    form = ShopForm()
    if form.carried_out(
        deciding.send,
        thing_id=thing_id,
        actor=current_actor(),
        now=clock.now(),
    ):
        flash(_("已报平台复核，批准后从生效日期起用。"))
        return redirect(url_for("prices.show", thing_id=thing_id), code=303)
    return _page(thing_id, send=form)


@bp.post("/<thing_id>/withdraw")
@requires(P.CATALOGUE_EDIT)
def withdraw(thing_id: str) -> ResponseReturnValue:
    """Take a draft back, with the reason."""
    form = WithdrawForm()
    if form.carried_out(
        deciding.withdraw,
        thing_id=thing_id,
        reason=form.reason.data or "",
        actor=current_actor(),
        now=clock.now(),
    ):
        flash(_("已撤回，记录还留着。"))
        return redirect(url_for("prices.show", thing_id=thing_id), code=303)
    return _page(thing_id, withdraw=form)


def freight_asked(chosen: SpecificationShown) -> tuple[Asked, ...]:
    """What a specification bears in freight, for its page, which knows nothing of freight."""
    prices = [(rung.from_units, rung.composition.price) for rung in chosen.rungs[:_RUNGS_TOLD]]
    today = clock.day_of(clock.now())
    return asked_of(reading(), chosen.public_id, chosen.net_grams, prices, today)


def _kept(thing_id: str, *, sent: bool) -> ResponseReturnValue:
    flash(
        _("已报平台复核，批准后从生效日期起用。")
        if sent
        else _("已存为草稿。看一看对不对，再报平台复核。")
    )
    return redirect(url_for("prices.show", thing_id=thing_id), code=303)


def _page(
    thing_id: str, *, send: ShopForm | None = None, withdraw: WithdrawForm | None = None
) -> ResponseReturnValue:
    sent = send or withdraw
    page = render_template(
        "products/prices/show.html",
        shown=queries.paper(
            fresh_reading() if sent else reading(),
            thing_id,
            current_actor(),
            clock.day_of(clock.now()),
        ),
        send=send or ShopForm(formdata=None),
        withdraw=withdraw or WithdrawForm(formdata=None),
        sent=sent,
    )
    return page, sent.status if sent else 200


def _begin_with(specification_id: str) -> dict[str, object]:
    """What a new price begins with: one to be drafted anew, else the present one."""
    tx, today = reading(), clock.day_of(clock.now())
    like = request.args.get("like")
    if like:
        shown = queries.paper(tx, like, current_actor(), today)
        if shown.composition is None:
            return {}
        steps = tuple((units, one.price) for units, one in shown.steps)
        start: object = shown.composition
        tax_class, from_day = shown.tax_class, max(shown.paper.from_day, today)
    else:
        row = queries.present(tx, specification_id, today)
        if row is None:
            return {"from_day": today}
        steps = ladders(tx, [row.id]).get(row.id, ())
        start, tax_class, from_day = composition_of(row), row.tax_class, None
    open_parts = ("cooperative", "tax")
    amounts = {name: getattr(start, name) for name in (*PARTS, "price") if name not in open_parts}
    return {**amounts, "steps": steps, "tax_class": tax_class, "from_day": from_day}
