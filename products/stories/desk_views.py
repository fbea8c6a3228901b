"""Pages on which the stories of villages and households are told and taken down."""

from __future__ import annotations

from collections.abc import Callable

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from products.stories import commands, desk_queries
from products.stories.forms import HouseholdStoryForm, TakeDownForm, VillageStoryForm
from products.stories.states import Drawing
from shop.core import clock
from shop.core.errors import Refusal
from shop.core.permissions import Permission as P
from shop.organisations.acting import current_actor, current_organisation, requires
from shop.organisations.models import OrganisationKind
from shop.organisations.queries import OrganisationRow
from shop.web.forms import ShopForm
from shop.web.views import reading

bp = Blueprint("stories", __name__, url_prefix="/cooperative/stories")


@bp.get("/")
@requires(P.STORY_EDIT)
def index() -> ResponseReturnValue:
    """The villages of the cooperative's households, and the households that consent to a story."""
    cooperative, day = _cooperative(), clock.day_of(clock.now())
    return render_template(
        "products/stories/index.html",
        villages=desk_queries.villages(reading(), cooperative.id, current_actor()),
        households=desk_queries.households(reading(), cooperative.id, current_actor(), day=day),
    )


@bp.route("/of-village/<village_id>", methods=["GET", "POST"])
@requires(P.STORY_EDIT)
def village(village_id: str) -> ResponseReturnValue:
    """Tell the story of a village; the operator may for every one."""
    desk = desk_queries.village(reading(), village_id, current_actor())
    form = VillageStoryForm(obj=desk)

    def act() -> str:
        return commands.tell_village.once(form.once.data)(
            village_id=village_id,
            title=form.title.data,
            title_en=form.title_en.data or "",
            words=form.words.data,
            words_en=form.words_en.data or "",
            grows=form.grows.data or "",
            grows_en=form.grows_en.data or "",
            actor=current_actor(),
            now=clock.now(),
        )

    page = "products/stories/tell_village.html"
    there = url_for("villages.show", village_key=village_id)
    return _tell(page, form, act, there, village=desk)


@bp.route("/of-household/<household_id>", methods=["GET", "POST"])
@requires(P.STORY_EDIT)
def household(household_id: str) -> ResponseReturnValue:
    """Tell what a household says, with its consent."""
    desk = desk_queries.household(
        reading(),
        household_id,
        _cooperative().id,
        current_actor(),
        day=clock.day_of(clock.now()),
    )
    form = HouseholdStoryForm(
        words=desk.words, words_en=desk.words_en, drawing=desk.drawing or Drawing.TEA
    )

    def act() -> str:
        return commands.tell_household.once(form.once.data)(
            household_id=household_id,
            words=form.words.data,
            words_en=form.words_en.data or "",
            drawing=form.drawing.data,
            actor=current_actor(),
            now=clock.now(),
        )

    page = "products/stories/tell_household.html"
    return _tell(page, form, act, url_for("stories.index"), household=desk)


@bp.route("/<story_id>/take-down", methods=["GET", "POST"])
@requires(P.STORY_EDIT)
def take_down(story_id: str) -> ResponseReturnValue:
    """Take a story off the public pages."""
    desk_queries.require_story(reading(), story_id, current_actor())
    form = TakeDownForm()

    def act() -> None:
        commands.take_down.once(form.once.data)(
            story_id=story_id, reason=form.reason.data, actor=current_actor(), now=clock.now()
        )

    done = _("已撤下，公开页面不再显示。")
    return _tell("products/stories/take_down.html", form, act, url_for("stories.index"), done)


def _tell(
    page: str,
    form: ShopForm,
    act: Callable[[], object],
    there: str,
    done: str | None = None,
    **shown: object,
) -> ResponseReturnValue:
    """One form about one story: show it, do what it says, go on."""
    if form.validate_on_submit():
        try:
            act()
        except Refusal as refusal:
            form.refuse(refusal)
        else:
            flash(done or _("已公开。"))
            return redirect(there, code=303)
    return render_template(page, form=form, **shown), form.status


def _cooperative() -> OrganisationRow:
    return current_organisation(OrganisationKind.COOPERATIVE)
