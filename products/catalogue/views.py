"""Pages of the shop front: catalogue, product, search."""

from __future__ import annotations

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from products.catalogue.browse import browse, near
from products.catalogue.filters import Sort
from products.catalogue.forms import AddForm, wanted_from
from products.catalogue.product_page import product_page
from shop.core import clock
from shop.core.permissions import Permission
from shop.organisations.acting import (
    current_actor,
    current_organisation,
    my_organisations,
)
from shop.organisations.models import OrganisationKind
from shop.web.views import open_to_all, reading, revalidated

bp = Blueprint("shopfront", __name__, url_prefix="/shop")


@bp.get("/")
@open_to_all
def index() -> ResponseReturnValue:
    """The catalogue: filters with counts, cards, pages; all of it in the address."""
    return _found()


@bp.get("/search")
@open_to_all
def search() -> ResponseReturnValue:
    """The catalogue for words typed into the search box."""
    return _found()


@bp.get("/<slug>")
@open_to_all
def product(slug: str) -> ResponseReturnValue:
    """One product: prices, what they pay for, lots on sale, households, and the buy button."""
    return product_shown(slug, request.args.get("spec"), AddForm(formdata=None))


def product_shown(slug: str, specification_id: str | None, form: AddForm) -> ResponseReturnValue:
    """The page of a product with a form on it; the cart shows it again when it refuses."""
    shown = product_page(
        reading(),
        slug=slug,
        specification_id=specification_id,
        day=clock.day_of(clock.now()),
        union_id=buys_for(),
    )
    form.specification_id.data = shown.chosen.public_id
    page = render_template(
        "products/catalogue/product.html",
        product=shown,
        form=form,
        for_union=current_actor().may(Permission.PURCHASE_DRAFT),
    )
    return page, form.status


def buys_for() -> int | None:
    """The union whose discounts the reader sees: the one a clerk drafts purchases for."""
    if not current_actor().may(Permission.PURCHASE_DRAFT):
        return None
    mine = [row for row, _roles in my_organisations() if row.kind is OrganisationKind.UNION]
    return current_organisation(OrganisationKind.UNION).id if mine else None


def _found() -> ResponseReturnValue:
    wanted = wanted_from(request.args)
    found = browse(reading(), wanted, clock.day_of(clock.now()), union_id=buys_for())
    nearby = near(reading(), wanted.words) if wanted.words and not found.cards else ()
    return revalidated(
        render_template(
            "products/catalogue/index.html", found=found, wanted=wanted, nearby=nearby, sorts=Sort
        )
    )
