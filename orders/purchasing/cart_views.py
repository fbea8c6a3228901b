"""Pages of the cart and of checking out."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

from flask import Blueprint, flash, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from orders.purchasing import cart as commands
from orders.purchasing import commands as purchases
from orders.purchasing.cart_forms import BulkForm, LineForm, PutInForm, ReceiverForm, RetailForm
from orders.purchasing.cart_owners import owner_of
from orders.purchasing.cart_queries import (
    Cart,
    budgets_for,
    cart_from,
    cart_of,
    cart_size,
    receiver_of,
)
from products.catalogue.views import product_shown
from products.prices.rules import PROVINCES, province_of
from shop.core import clock
from shop.core.actors import VISITOR
from shop.core.errors import Refusal
from shop.core.permissions import Permission
from shop.core.policy import policy
from shop.identity.sessions import SignedIn
from shop.organisations.acting import (
    current_actor,
    current_organisation,
    requires,
    signed_in,
)
from shop.organisations.models import OrganisationKind
from shop.organisations.queries import OrganisationRow, actor_of
from shop.web.views import fresh_reading, open_to_all, reading

bp = Blueprint("cart", __name__, url_prefix="/cart")

#: The session's key of a visitor's cart; kept through signing in, so that it can be merged.
VISITOR_KEY = "visitor"

#: The session's province that carts are priced for.
SENT_TO = "sent_to"

#: Stands for the key of a visitor who has put nothing in yet; no line is ever kept under it.
NO_CART = "none"


@bp.post("/add/<slug>")
@open_to_all
def add(slug: str) -> ResponseReturnValue:
    """Put units into one's cart, or into the union's list; refused, the product's page says why."""
    form = PutInForm()
    whose = _whose(form.to.data == "union", make_key=True)
    if form.validate_on_submit():
        try:
            units = commands.add_units.once(form.once.data)(
                specification_id=form.specification_id.data or "",
                units=form.units.data or 0,
                actor=current_actor(),
                now=clock.now(),
                **whose,
            )
        except Refusal as refusal:
            form.refuse(refusal)
        else:
            flash(_("已放进清单，这一样现在共 %(units)s 件。", units=units))
            return redirect(url_for(_page_of(whose)), code=303)
    return product_shown(slug, form.specification_id.data, form)


@bp.get("/")
@open_to_all
def show() -> ResponseReturnValue:
    """One's own cart, or a visitor's."""
    return _cart_page(_whose(False))


@bp.get("/union")
@requires(Permission.PURCHASE_DRAFT)
def union() -> ResponseReturnValue:
    """The list a clerk gathers for the union (采购清单)."""
    return _cart_page(_whose(True))


@bp.post("/lines/<specification_id>")
@open_to_all
def set_line(specification_id: str) -> ResponseReturnValue:
    """Change how many units a line of one's own cart holds."""
    return _set_line(specification_id, _whose(False))


@bp.post("/union/lines/<specification_id>")
@requires(Permission.PURCHASE_DRAFT)
def set_union_line(specification_id: str) -> ResponseReturnValue:
    """Change how many units a line of the union's list holds."""
    return _set_line(specification_id, _whose(True))


@bp.route("/checkout", methods=["GET", "POST"])
@signed_in
def checkout() -> ResponseReturnValue:
    """Where the goods go; then everything once more to check before ordering."""
    form = RetailForm(recipient=current_actor().name)
    cart = _cart(_whose(False), form)
    if not cart.order_lines:
        return redirect(url_for("cart.show"), code=303)
    if form.validate_on_submit() and not form.edit.data and form.says_where(cart):
        form.carry(cart)
        return _retail_check(form, cart)
    return render_template("orders/purchasing/checkout.html", form=form, cart=cart), form.status


@bp.post("/place")
@signed_in
def place() -> ResponseReturnValue:
    """Place one's own purchase exactly as it was checked."""
    form = RetailForm()
    cart = _checked(form, None)
    if form.validate_on_submit() and form.agrees_with(cart):
        try:
            purchase_id = purchases.place_retail.once(form.once.data)(
                lines=form.order_lines,
                recipient=form.recipient.data or "",
                phone=form.phone.data or "",
                address=form.address.data or "",
                note=form.note.data or "",
                actor=current_actor(),
                now=clock.now(),
            )
        except Refusal as refusal:
            form.refuse(refusal)
        else:
            flash(_("订单已提交。请按下面的账号和识别码转账。"))
            return _done(purchase_id, form, _whose(False))
    return _retail_check(form, _recounted(form, None))


@bp.route("/union/checkout", methods=["GET", "POST"])
@requires(Permission.PURCHASE_DRAFT)
def union_checkout() -> ResponseReturnValue:
    """Budget, terms and address of a union's purchase; then everything once more to check."""
    union = current_organisation(OrganisationKind.UNION)
    receiver = receiver_of(reading(), union, current_actor())
    form = BulkForm(obj=receiver)
    cart = _cart(_whose(True), form)
    if not cart.order_lines:
        return redirect(url_for("cart.union"), code=303)
    budgets = _budgets(union, cart, form)
    if form.validate_on_submit() and not form.edit.data and form.says_where(cart):
        form.carry(cart)
        return _bulk_check(form, cart, union)
    page = render_template(
        "orders/purchasing/union_checkout.html", form=form, cart=cart, budgets=budgets, union=union
    )
    return page, form.status


@bp.post("/union/submit")
@requires(Permission.PURCHASE_DRAFT)
def union_place() -> ResponseReturnValue:
    """Submit the union's purchase for approval exactly as it was checked."""
    union = current_organisation(OrganisationKind.UNION)
    form = BulkForm()
    cart = _checked(form, union)
    _budgets(union, cart, form)
    if form.validate_on_submit() and form.agrees_with(cart):
        try:
            purchase_id = purchases.submit_purchase.once(form.once.data)(
                union_id=union.public_id,
                budget_id=form.budget_id,
                terms=form.payment_terms,
                lines=form.order_lines,
                recipient=form.recipient.data or "",
                phone=form.phone.data or "",
                address=form.address.data or "",
                note=form.note.data or "",
                actor=current_actor(),
                now=clock.now(),
            )
        except Refusal as refusal:
            form.refuse(refusal)
        else:
            flash(_("采购单已提交，等待审批。库存和经费已为您留出。"))
            return _done(purchase_id, form, _whose(True))
    return _bulk_check(form, _recounted(form, union), union)


def count() -> int:
    """How many lines one's own cart has; layouts show it beside the cart."""
    whose = _whose(False)
    if whose.get("visitor_key") == NO_CART:
        return 0
    return cart_size(reading(), owner_of(reading(), actor=current_actor(), **whose))


def merge_on_sign_in(_app: object, user: SignedIn) -> None:
    """Bring the visitor's cart along when somebody signs in; `orders.register` listens with it."""
    visitor_key = session.pop(VISITOR_KEY, None)
    if visitor_key is None:
        return
    merged = commands.merge_visitor(
        visitor_key=visitor_key, actor=actor_of(reading(), user.row), now=clock.now()
    )
    if merged:
        flash(_("您登录前选的 %(lines)s 样商品已并入购物车，同一样取数量多的。", lines=merged))


def _whose(for_union: bool, *, make_key: bool = False) -> dict[str, str | None]:
    """Which cart is meant, as arguments of the commands and of `owner_of`."""
    if for_union:
        return {"union_id": current_organisation(OrganisationKind.UNION).public_id}
    if current_actor() is not VISITOR:
        return {}
    if make_key:
        session.setdefault(VISITOR_KEY, uuid4().hex)
    return {"visitor_key": session.get(VISITOR_KEY, NO_CART)}


def _page_of(whose: dict[str, str | None]) -> str:
    return "cart.union" if "union_id" in whose else "cart.show"


def _cart(whose: dict[str, str | None], form: ReceiverForm | None = None) -> Cart:
    """The cart, sent where the form says, or where the person said last."""
    owner = owner_of(reading(), actor=current_actor(), **whose)
    province = (form.province if form else "") or _sent_to(whose)
    return cart_of(reading(), owner, clock.day_of(clock.now()), province=province)


def _sent_to(whose: dict[str, str | None]) -> str:
    """The province somebody chose in the cart, else that of the union's registered address."""
    asked = request.args.get("to")
    if asked is not None:
        session[SENT_TO] = asked if asked in PROVINCES else ""
    if session.get(SENT_TO):
        return str(session[SENT_TO])
    if "union_id" not in whose:
        return ""
    union = current_organisation(OrganisationKind.UNION)
    return province_of(receiver_of(reading(), union, current_actor()).address)


def _checked(form: ReceiverForm, union: OrganisationRow | None, tx: Session | None = None) -> Cart:
    """What the page that was checked asked for, at the prices of this moment."""
    return cart_from(
        tx or reading(),
        form.order_lines,
        clock.day_of(clock.now()),
        union_id=union.id if union else None,
        province=form.province,
    )


def _recounted(form: ReceiverForm, union: OrganisationRow | None) -> Cart:
    """The same after a refusal: what can still be had stays in, the rest is explained."""
    cart = _checked(form, union, fresh_reading())
    form.carry(cart)
    return cart


def _cart_page(
    whose: dict[str, str | None], refused: str | None = None, form: LineForm | None = None
) -> ResponseReturnValue:
    cart = _cart(whose)
    forms = {line.specification_id: LineForm(formdata=None, obj=line) for line in cart.lines}
    if refused in forms and form is not None:
        forms[refused] = form
    page = render_template(
        "orders/purchasing/cart_union.html"
        if "union_id" in whose
        else "orders/purchasing/cart.html",
        cart=cart,
        forms=forms,
        provinces=PROVINCES,
    )
    return page, form.status if form else 200


def _set_line(specification_id: str, whose: dict[str, str | None]) -> ResponseReturnValue:
    form = LineForm()
    if form.validate_on_submit():
        try:
            commands.set_line(
                specification_id=specification_id,
                units=form.units_wanted,
                actor=current_actor(),
                now=clock.now(),
                **whose,
            )
        except Refusal as refusal:
            form.refuse(refusal)
        else:
            return redirect(url_for(_page_of(whose)), code=303)
    return _cart_page(whose, specification_id, form)


def _budgets(union: OrganisationRow, cart: Cart, form: BulkForm) -> Any:
    """The union's budgets of this year before and after, offered by the form too."""
    year = clock.day_of(clock.now()).year
    budgets = budgets_for(reading(), union, cart.total, year, current_actor())
    form.offer(budgets)
    return budgets


def _retail_check(form: RetailForm, cart: Cart) -> ResponseReturnValue:
    return render_template("orders/purchasing/check.html", form=form, cart=cart), form.status


def _bulk_check(form: BulkForm, cart: Cart, union: OrganisationRow) -> ResponseReturnValue:
    budgets = _budgets(union, cart, form)
    page = render_template(
        "orders/purchasing/union_check.html",
        form=form,
        cart=cart,
        union=union,
        budget=next((one for one in budgets if one.public_id == form.budget.data), None),
        days=policy().reserve.days,
    )
    return page, form.status


def _done(
    purchase_id: str, form: ReceiverForm, whose: dict[str, str | None]
) -> ResponseReturnValue:
    """Take what was ordered out of the cart and go on to the purchase."""
    bought = tuple(specification_id for specification_id, _units in form.order_lines)
    commands.take_out(specification_ids=bought, actor=current_actor(), now=clock.now(), **whose)
    return redirect(url_for("purchases.show", purchase_id=purchase_id), code=303)
