"""Reading villages and households for whoever tells their stories."""

from __future__ import annotations

from datetime import date

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.orm import Session

from products.households.consents import consents
from products.households.models import Household, Village
from products.households.states import ConsentPurpose
from products.stories.models import HouseholdStory, VillageStory
from products.stories.rows import HouseholdDesk, VillageDesk
from shop.core.actors import Actor
from shop.core.errors import NotFound
from shop.core.permissions import Permission as P


def villages(tx: Session, cooperative_id: int, actor: Actor) -> tuple[VillageDesk, ...]:
    """The villages from which households deliver to a cooperative, told or not.

    Raises:
        NotFound, NotAllowed: `story:edit` in the cooperative is needed.
    """
    actor.require(P.STORY_EDIT, cooperative_id)
    theirs = select(Household.village_id).where(Household.cooperative_id == cooperative_id)
    return _villages(tx, Village.id.in_(theirs))


def village(tx: Session, village_id: str, actor: Actor) -> VillageDesk:
    """One village to tell the story of.

    Raises:
        NotFound: there is none, or none whose story is the actor's to tell.
    """
    if not may_tell(tx, village_id, actor):
        raise NotFound()
    return _villages(tx, Village.public_id == village_id)[0]


def may_tell(tx: Session, village_id: str, actor: Actor) -> bool:
    """Whether a village's story is the actor's to tell."""
    if not actor.may(P.STORY_EDIT):
        return False
    cooperatives = tx.execute(
        select(Household.cooperative_id)
        .join(Village, Village.id == Household.village_id)
        .where(Village.public_id == village_id)
        .distinct()
    ).scalars()
    return any(actor.may(P.STORY_EDIT, key) for key in cooperatives)


def households(
    tx: Session, cooperative_id: int, actor: Actor, *, day: date
) -> tuple[HouseholdDesk, ...]:
    """The cooperative's households that consent to a story or have one.

    Raises:
        NotFound, NotAllowed: `story:edit` in the cooperative is needed.
    """
    actor.require(P.STORY_EDIT, cooperative_id)
    return _households(
        tx,
        day,
        (Household.cooperative_id == cooperative_id)
        & (consents(ConsentPurpose.STORY, day) | HouseholdStory.id.is_not(None)),
    )


def household(
    tx: Session, household_id: str, cooperative_id: int, actor: Actor, *, day: date
) -> HouseholdDesk:
    """One household to tell the story of.

    Raises:
        NotFound: there is none in the cooperative, or not the actor's to see.
        NotAllowed: no role of the actor tells stories there.
    """
    actor.require(P.STORY_EDIT, cooperative_id)
    found = _households(
        tx,
        day,
        (Household.cooperative_id == cooperative_id) & (Household.public_id == household_id),
    )
    if not found:
        raise NotFound()
    return found[0]


def _villages(tx: Session, which: ColumnElement[bool]) -> tuple[VillageDesk, ...]:
    rows = tx.execute(
        select(Village, VillageStory)
        .outerjoin(VillageStory, VillageStory.village_id == Village.id)
        .where(which)
        .order_by(Village.township, Village.name)
    )
    return tuple(
        VillageDesk(
            public_id=village.public_id,
            name=village.name,
            township=village.township,
            story_id=story.public_id if story else None,
            state=story.state if story else None,
            title=story.title if story else "",
            title_en=story.title_en if story else "",
            words=story.words if story else "",
            words_en=story.words_en if story else "",
            grows=story.grows if story else "",
            grows_en=story.grows_en if story else "",
        )
        for village, story in rows
    )


def _households(tx: Session, day: date, which: ColumnElement[bool]) -> tuple[HouseholdDesk, ...]:
    rows = tx.execute(
        select(
            Household.public_id,
            Household.name,
            Village.name,
            consents(ConsentPurpose.STORY, day),
            HouseholdStory,
        )
        .join(Village, Village.id == Household.village_id)
        .outerjoin(HouseholdStory, HouseholdStory.household_id == Household.id)
        .where(which)
        .order_by(Village.name, Household.name, Household.id)
    )
    return tuple(
        HouseholdDesk(
            public_id=public_id,
            name=name,
            village=village,
            consents=consenting,
            story_id=story.public_id if story else None,
            state=story.state if story else None,
            words=story.words if story else "",
            words_en=story.words_en if story else "",
            drawing=story.drawing if story else None,
        )
        for public_id, name, village, consenting, story in rows
    )


def require_story(tx: Session, story_id: str, actor: Actor) -> None:
    """Refuse whoever may not change a story.

    Raises:
        NotFound: there is none, or it is not the actor's to see.
        NotAllowed: no role of the actor tells stories there.
    """
    cooperatives = (
        tx.execute(
            select(Household.cooperative_id)
            .outerjoin(HouseholdStory, HouseholdStory.household_id == Household.id)
            .outerjoin(VillageStory, VillageStory.village_id == Household.village_id)
            .where(or_(HouseholdStory.public_id == story_id, VillageStory.public_id == story_id))
            .distinct()
        )
        .scalars()
        .all()
    )
    if not any(actor.may(P.STORY_EDIT, key) for key in cooperatives):
        raise NotFound()
