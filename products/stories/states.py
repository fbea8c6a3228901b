"""How a story stands, and the drawings that go with one."""

from __future__ import annotations

from shop.core.labels import N_, Labelled
from shop.core.permissions import Permission as P
from shop.core.states import Move, StateTable


class StoryState(Labelled):
    """A story is public until it is taken down; of a household only while it consents besides."""

    PUBLISHED = "published", N_("公开")
    TAKEN_DOWN = "taken_down", N_("已撤下")


class Drawing(Labelled):
    """The drawing beside a household's words: what it grows, never its house or its people."""

    TEA = "gougunao-teji", N_("茶")
    ORANGE = "anyuan-qicheng", N_("橙子")
    PEACH = "yanling-huangtao", N_("黄桃")
    LOTUS = "shicheng-bailian", N_("白莲")
    RICE = "jinggang-hongmi", N_("红米")
    OIL = "xingguo-chayou", N_("山茶油")
    BAMBOO = "jinggang-zhusun", N_("竹荪和笋")
    DUCK = "suichuan-banya", N_("鸭子")


STORY = StateTable(
    "story",
    Move(StoryState.PUBLISHED, "take_down", StoryState.TAKEN_DOWN, P.STORY_EDIT),
    Move(StoryState.TAKEN_DOWN, "publish", StoryState.PUBLISHED, P.STORY_EDIT),
)
