"""What people type into the shop front: search words, filters, and how many to buy."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TypeVar

from flask_babel import lazy_gettext as _l
from werkzeug.datastructures import MultiDict
from wtforms import HiddenField

from products.catalogue.filters import Sort, Wanted
from products.catalogue.states import Category
from shop.core.labels import Labelled
from shop.web.forms import CountField, ShopForm, above_zero, required

L = TypeVar("L", bound=Labelled)

LONGEST_WORDS = 40
MOST_COUNTIES = 100


class AddForm(ShopForm):
    """How many units of a specification go into the cart."""

    specification_id = HiddenField(validators=[required()])
    units = CountField(
        _l("数量"), [required(_l("请填要几件。")), above_zero(_l("数量至少是 1。"))], default=1
    )


def wanted_from(arguments: MultiDict[str, str]) -> Wanted:
    """Read a wish from an address; what makes no sense there is left out, never an error."""
    page = arguments.get("page", "")
    return Wanted(
        words=" ".join(arguments.get("q", "").split())[:LONGEST_WORDS],
        categories=_known(Category, arguments.getlist("category")),
        counties=tuple(dict.fromkeys(arguments.getlist("county")))[:MOST_COUNTIES],
        in_stock=arguments.get("stock") == "1",
        indicated=arguments.get("gi") == "1",
        sort=next(iter(_known(Sort, [arguments.get("sort", "")])), Sort.BEST),
        page=max(1, int(page)) if page.isascii() and page.isdigit() and len(page) < 6 else 1,
    )


def _known(kind: type[L], values: Iterable[str]) -> tuple[L, ...]:
    """The members these values name, in their own order, each once."""
    wanted = set(values)
    return tuple(member for member in kind if member.value in wanted)
