"""Tables of stories."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from products.stories.states import Drawing, StoryState
from shop.core import db


class VillageStory(db.Model):
    """What a village tells of itself (村庄故事): how it lies, what grows there, how it is made."""

    __tablename__ = "village_story"

    id: Mapped[db.Id]
    public_id: Mapped[str] = db.public_id("story")
    village_id: Mapped[int] = mapped_column(ForeignKey("village.id"), unique=True)
    state: Mapped[StoryState] = mapped_column(db.labelled(StoryState, "state"))
    title: Mapped[str] = mapped_column(String(40))
    title_en: Mapped[str] = mapped_column(String(80), default="")
    words: Mapped[str]
    words_en: Mapped[str] = mapped_column(default="")
    grows: Mapped[str] = mapped_column(String(80), default="")
    grows_en: Mapped[str] = mapped_column(String(120), default="")
    told_at: Mapped[datetime]


class HouseholdStory(db.Model):
    """What a household says of its work in its own words (农户故事), shown while it consents."""

    __tablename__ = "household_story"

    id: Mapped[db.Id]
    public_id: Mapped[str] = db.public_id("story")
    household_id: Mapped[int] = mapped_column(ForeignKey("household.id"), unique=True)
    state: Mapped[StoryState] = mapped_column(db.labelled(StoryState, "state"))
    words: Mapped[str]
    words_en: Mapped[str] = mapped_column(default="")
    drawing: Mapped[Drawing] = mapped_column(db.labelled(Drawing, "drawing"))
    told_at: Mapped[datetime]
