"""Forms of stories."""

from __future__ import annotations

from flask_babel import lazy_gettext
from wtforms import RadioField, SelectChoice, StringField, TextAreaField
from wtforms.validators import Length

from products.stories.commands import WORDS_AT_MOST
from products.stories.states import Drawing
from shop.web.forms import ShopForm, required

_DRAWINGS = [SelectChoice(member.value, lazy_gettext(member.label)) for member in Drawing]


class VillageStoryForm(ShopForm):
    """What a village tells of itself. Names are those of `tell_village`."""

    title = StringField(
        lazy_gettext("标题"), [required(lazy_gettext("请写标题。")), Length(max=40)]
    )
    words = TextAreaField(
        lazy_gettext("故事"),
        [required(lazy_gettext("请写几段话。")), Length(max=WORDS_AT_MOST)],
        description=lazy_gettext("地在哪里，种什么，怎么做。不说可怜，不写身份和全名。"),
        render_kw={"rows": 8},
    )
    grows = StringField(
        lazy_gettext("种什么"), [Length(max=80)], description=lazy_gettext("例如：茶、脐橙、水稻。")
    )
    title_en = StringField(lazy_gettext("标题（英文）"), [Length(max=80)])
    words_en = TextAreaField(
        lazy_gettext("故事（英文）"), [Length(max=WORDS_AT_MOST)], render_kw={"rows": 6}
    )
    grows_en = StringField(lazy_gettext("种什么（英文）"), [Length(max=120)])


class HouseholdStoryForm(ShopForm):
    """What a household says. Names are those of `tell_household`."""

    words = TextAreaField(
        lazy_gettext("户主的话"),
        [required(lazy_gettext("请写几句话。")), Length(max=WORDS_AT_MOST)],
        description=lazy_gettext("照户主自己的话写，念给户主听过再公开。"),
        render_kw={"rows": 6},
    )
    words_en = TextAreaField(
        lazy_gettext("户主的话（英文）"), [Length(max=WORDS_AT_MOST)], render_kw={"rows": 4}
    )
    drawing = RadioField(
        lazy_gettext("配哪张画"), choices=_DRAWINGS, coerce=Drawing, default=Drawing.TEA
    )


class TakeDownForm(ShopForm):
    """Why a story is taken down."""

    reason = StringField(
        lazy_gettext("为什么撤下"),
        [required(lazy_gettext("请写为什么撤下。")), Length(max=200)],
        render_kw={"autocomplete": "off"},
    )
