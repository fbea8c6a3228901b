"""Telling the stories of villages and households, and taking them down."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from products.households.consents import consents
from products.households.models import Household, Village
from products.households.states import ConsentPurpose
from products.households.steps import household_of
from products.stories.models import HouseholdStory, VillageStory
from products.stories.rules import unfit_word
from products.stories.states import STORY, Drawing, StoryState
from shop.core import audit
from shop.core.actors import Actor
from shop.core.clock import day_of
from shop.core.commands import command
from shop.core.errors import NotFound, ReasonMissing, Refusal
from shop.core.labels import N_
from shop.core.permissions import Permission as P

WORDS_AT_MOST = 1200


class WordsUnfit(Refusal):
    """A story pities nobody and says nothing of how a household is registered."""

    code = "words_unfit"
    sentence = N_("故事里不写“%(word)s”：说他们种什么、怎么做，不说可怜，也不说身份。")
    status = 422
    field = "words"


class NameInStory(Refusal):
    """A household is named as surname and village only, so its full name is in no story."""

    code = "name_in_story"
    sentence = N_("故事里有农户的全名，公开页面只写姓氏，请改一改。")
    status = 422
    field = "words"


class StoryLength(Refusal):
    """A story has words, and not too many."""

    code = "story_length"
    sentence = N_("请写标题和几段话，最多 1200 字。")
    status = 422
    field = "words"


class NoStoryConsent(Refusal):
    """A household's story is told only with its consent to just that."""

    code = "no_story_consent"
    sentence = N_("这户没有同意公开故事，请先请户主在同意书上签字并登记。")


@command
def tell_village(
    tx: Session,
    *,
    village_id: str,
    title: str,
    title_en: str,
    words: str,
    words_en: str,
    grows: str,
    grows_en: str,
    actor: Actor,
    now: datetime,
) -> str:
    """Publish a village's story, or put a new text in its place (村庄故事).

    Returns:
        The story's public id.

    Raises:
        NotFound, NotAllowed: `story:edit` is needed where one of its households delivers.
        StoryLength, WordsUnfit, NameInStory: the text is not fit to be shown.
    """
    village = _village(tx, village_id, actor)
    if not title.strip():
        raise StoryLength(field="title")
    _fit(words, title, title_en, words_en, grows, grows_en)
    _names_nobody(tx, Household.village_id == village.id, f"{title}\n{words}")
    story = tx.execute(
        select(VillageStory).where(VillageStory.village_id == village.id).with_for_update()
    ).scalar_one_or_none()
    if story is None:
        story = VillageStory(village_id=village.id, state=StoryState.PUBLISHED)
    story.title, story.title_en = title.strip(), title_en.strip()
    story.words, story.words_en = words.strip(), words_en.strip()
    story.grows, story.grows_en = grows.strip(), grows_en.strip()
    story.told_at = now
    return _told(tx, story, None, actor, now, village=village.public_id)


@command
def tell_household(
    tx: Session,
    *,
    household_id: str,
    words: str,
    words_en: str,
    drawing: Drawing,
    actor: Actor,
    now: datetime,
) -> str:
    """Publish what a household says of its work, or put new words in their place (农户故事).

    It is shown while the household consents to its story, under surname and village while it
    consents to those, and under neither otherwise.

    Returns:
        The story's public id.

    Raises:
        NotFound, NotAllowed: `story:edit` in its cooperative is needed.
        NoStoryConsent: the household has not consented, or no longer does.
        StoryLength, WordsUnfit, NameInStory: the words are not fit to be shown.
    """
    household = household_of(tx, household_id)
    actor.require(P.STORY_EDIT, household.cooperative_id)
    consenting = select(Household.id).where(
        Household.id == household.id, consents(ConsentPurpose.STORY, day_of(now))
    )
    if tx.execute(consenting).first() is None:
        raise NoStoryConsent()
    _fit(words, words_en)
    _names_nobody(tx, Household.village_id == household.village_id, words)
    story = tx.execute(
        select(HouseholdStory).where(HouseholdStory.household_id == household.id).with_for_update()
    ).scalar_one_or_none()
    if story is None:
        story = HouseholdStory(household_id=household.id, state=StoryState.PUBLISHED)
    story.words, story.words_en, story.drawing = words.strip(), words_en.strip(), drawing
    story.told_at = now
    return _told(tx, story, household.cooperative_id, actor, now, household=household.public_id)


@command
def take_down(tx: Session, *, story_id: str, reason: str, actor: Actor, now: datetime) -> None:
    """Take a story of a village or a household off the public pages (撤下).

    Raises:
        NotFound, NotAllowed: see `tell_village`, `tell_household`.
        WrongState: it is down already.
        ReasonMissing: why is kept with it.
    """
    story, cooperative_id = _story(tx, story_id, actor)
    if not reason.strip():
        raise ReasonMissing()
    STORY.move(
        tx,
        story,
        "take_down",
        actor=actor,
        now=now,
        organisation_id=cooperative_id,
        reason=reason.strip(),
    )


def _story(
    tx: Session, story_id: str, actor: Actor
) -> tuple[VillageStory | HouseholdStory, int | None]:
    """A story, locked, that the actor may change, and whose it is."""
    told = tx.execute(
        select(HouseholdStory, Household.cooperative_id)
        .join(Household, Household.id == HouseholdStory.household_id)
        .where(HouseholdStory.public_id == story_id)
        .with_for_update(of=HouseholdStory)
    ).one_or_none()
    if told is not None:
        actor.require(P.STORY_EDIT, told[1])
        return told[0], told[1]
    found = tx.execute(
        select(VillageStory, Village.public_id)
        .join(Village, Village.id == VillageStory.village_id)
        .where(VillageStory.public_id == story_id)
        .with_for_update(of=VillageStory)
    ).one_or_none()
    if found is None:
        raise NotFound()
    _village(tx, found[1], actor)
    return found[0], None


def _village(tx: Session, village_id: str, actor: Actor) -> Village:
    """A village from which households deliver to a cooperative whose stories the actor tells."""
    village = tx.execute(
        select(Village).where(Village.public_id == village_id)
    ).scalar_one_or_none()
    if village is None:
        raise NotFound()
    cooperatives = (
        tx.execute(
            select(Household.cooperative_id)
            .where(Household.village_id == village.id)
            .distinct()
            .order_by(Household.cooperative_id)
        )
        .scalars()
        .all()
    )
    if not cooperatives:
        raise NotFound()
    if not any(actor.may(P.STORY_EDIT, key) for key in cooperatives):
        belongs = [key for key in cooperatives if actor.belongs_to(key)]
        actor.require(P.STORY_EDIT, next(iter(belongs or cooperatives)))
    return village


def _fit(words: str, *others: str) -> None:
    if not words.strip() or max(len(text) for text in (words, *others)) > WORDS_AT_MOST:
        raise StoryLength()
    for text in (words, *others):
        word = unfit_word(text)
        if word is not None:
            raise WordsUnfit(word=word)


def _names_nobody(tx: Session, whose: ColumnElement[bool], text: str) -> None:
    names = tx.execute(select(Household.name).where(whose)).scalars()
    if any(name in text for name in names):
        raise NameInStory()


def _told(
    tx: Session,
    story: VillageStory | HouseholdStory,
    cooperative_id: int | None,
    actor: Actor,
    now: datetime,
    **facts: str,
) -> str:
    tx.add(story)
    tx.flush()
    audit.record(
        tx,
        actor=actor,
        now=now,
        kind="story",
        thing=story.public_id,
        action="tell",
        organisation_id=cooperative_id,
        **facts,
    )
    if story.state is StoryState.TAKEN_DOWN:
        STORY.move(tx, story, "publish", actor=actor, now=now, organisation_id=cooperative_id)
    return story.public_id
