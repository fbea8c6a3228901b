"""Public pages of villages: the list with its tile map, and one village."""

from __future__ import annotations

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from products.stories import queries
from products.stories.desk_queries import may_tell
from products.stories.rows import VillageLink
from shop.core import clock
from shop.organisations.acting import current_actor
from shop.web.views import open_to_all, reading, revalidated

bp = Blueprint("villages", __name__, url_prefix="/villages")


@bp.get("/")
@open_to_all
def index() -> ResponseReturnValue:
    """The villages that tell a story, and where they lie."""
    cards = queries.villages(reading(), day=clock.day_of(clock.now()))
    return revalidated(
        render_template(
            "products/stories/villages.html",
            villages=cards,
            tiles=queries.tiles(reading(), cards, None),
        )
    )


@bp.get("/<village_key>")
@open_to_all
def show(village_key: str) -> ResponseReturnValue:
    """One village: its story, who lets themselves be seen, its goods on sale."""
    page = queries.village(reading(), village_key, day=clock.day_of(clock.now()))
    return revalidated(
        render_template(
            "products/stories/village.html",
            page=page,
            may_tell=may_tell(reading(), village_key, current_actor()),
        )
    )


def villages_behind(lot_id: str) -> tuple[VillageLink, ...]:
    """The villages behind a lot that may be named, for the page behind a code."""
    return queries.villages_behind(reading(), lot_id, day=clock.day_of(clock.now()))
