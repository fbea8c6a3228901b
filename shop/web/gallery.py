"""Every component with an example, at /-/ui; only in demo mode."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, current_app, render_template
from flask.typing import ResponseReturnValue
from flask_wtf.file import FileField
from wtforms import (
    BooleanField,
    RadioField,
    SelectChoice,
    SelectField,
    StringField,
    TextAreaField,
)

from shop.core.db import ROOT
from shop.core.errors import NotFound
from shop.core.labels import N_
from shop.core.money import Money
from shop.web.forms import CountField, KilogramField, MoneyField, ShopForm
from shop.web.views import open_to_all

bp = Blueprint("gallery", __name__)

PRICE = Money(23800)

_PARTS = (
    (N_("农户份额"), 14280),
    (N_("加工"), 4760),
    (N_("包装"), 1666),
    (N_("运费"), 1428),
    (N_("合作社"), 1666),
)

_COUNTIES = (
    (N_("炎陵县"), 1, 3, 2),
    (N_("桂东县"), 1, 4, 1),
    (N_("井冈山市"), 2, 3, 3),
    (N_("遂川县"), 3, 3, 4),
    (N_("上犹县"), 2, 5, 1),
)

_MONTHS = (12, 8, 31, 96, 74, 40)


class GalleryForm(ShopForm):
    """One field of each kind; some are shown with errors."""

    class Meta:
        csrf = False

    amount = MoneyField(N_("金额"))
    weight = KilogramField(N_("净重"))
    units = CountField(N_("数量"))
    receiver = StringField(N_("收货人"))
    note = TextAreaField(N_("备注"))
    county = SelectField(N_("县"), choices=[SelectChoice("suichuan", N_("遂川县"))])
    how = RadioField(
        N_("付款方式"),
        choices=[
            SelectChoice("before", N_("先付款后发货")),
            SelectChoice("after", N_("验收后付款")),
        ],
    )
    agree = BooleanField(N_("我已核对"))
    file = FileField(N_("文件"))
    reason = StringField(N_("理由"))


@bp.get("/-/ui")
@open_to_all
def show() -> ResponseReturnValue:
    """The gallery."""
    if not current_app.config["SHOP"].demo:
        raise NotFound()
    form = GalleryForm(formdata=None, data={"units": 12, "receiver": "王梅", "how": "before"})
    form.amount.errors = [N_("请填金额，例如 238 或 238.50，最多两位小数。")]
    return render_template(
        "ui/gallery.html",
        form=form,
        price=PRICE,
        parts=[{"label": label, "fen": fen, "note": ""} for label, fen in _PARTS],
        products=_products(),
        tiles=_tiles(),
        months=[
            {"label": str(month), "value": value, "shown": str(value)}
            for month, value in enumerate(_MONTHS, start=1)
        ],
        pictures=_pictures(),
        endpoint="gallery.show",
    )


def _products() -> list[dict[str, Any]]:
    return [
        {
            "name": slug,
            "href": "#",
            "slug": slug,
            "grade": "",
            "net_weight": "250 g",
            "price": PRICE,
            "price_per_100g": Money(9520),
            "county": N_("遂川县"),
            "harvest": "2026-04",
            "stock": N_("有货"),
            "tone": "ok",
            "gi": number == 0,
        }
        for number, (slug, _name) in enumerate(_pictures()[:4])
    ]


def _tiles() -> list[dict[str, Any]]:
    return [
        {
            "name": name,
            "column": column,
            "row": row,
            "value": f"{level * 1200:,}",
            "detail": "",
            "level": level,
            "href": None,
            "here": level == 4,
        }
        for name, column, row, level in _COUNTIES
    ]


def _pictures() -> list[tuple[str, str]]:
    folder = ROOT / "static" / "img" / "products"
    return [(path.stem, path.stem) for path in sorted(folder.glob("*.svg"))]
