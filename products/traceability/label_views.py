"""Label sheets of a packed lot, for the cooperative."""

from __future__ import annotations

import segno
from flask import Blueprint, Response, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from products.traceability import queries
from products.traceability.forms import LabelForm
from products.traceability.queries import Named, Sheet
from products.traceability.rules import Paper, paper_of
from products.traceability.views import link_of
from shop.core.permissions import Permission
from shop.organisations.acting import current_actor, requires
from shop.printing import pdf
from shop.web.filters import day, grams_text
from shop.web.views import language, reading

bp = Blueprint("labels", __name__, url_prefix="/cooperative/lots")


@bp.get("/<lot_id>/labels")
@requires(Permission.LOT_READ)
def choose(lot_id: str) -> ResponseReturnValue:
    """Choose paper and number of labels; shows one label as it will be printed."""
    sheet = queries.sheet(reading(), lot_id=lot_id, actor=current_actor())
    form = LabelForm(formdata=None, data={"count": sheet.units})
    return render_template(
        "products/traceability/labels.html", sheet=sheet, form=form, link=link_of(sheet.code)
    )


@bp.get("/<lot_id>/labels.pdf")
@requires(Permission.LOT_READ)
def sheet_pdf(lot_id: str) -> ResponseReturnValue:
    """The labels as PDF."""
    sheet = queries.sheet(reading(), lot_id=lot_id, actor=current_actor())
    form = LabelForm(request.args)
    if not form.validate():
        return render_template(
            "products/traceability/labels.html", sheet=sheet, form=form, link=link_of(sheet.code)
        ), 422
    file = pdf.render("labels", label_data(sheet, paper_of(form.paper.data), form.count.data or 1))
    answer = Response(file, mimetype="application/pdf")
    answer.headers["Content-Disposition"] = f'inline; filename="labels-{sheet.number}.pdf"'
    return answer


def label_data(sheet: Sheet, paper: Paper, count: int) -> dict[str, object]:
    """What `templates/papers/labels.typ` prints: `count` equal labels on as many pages as needed.

    The QR code with its quiet zone takes half a millimetre a module: 18.5 mm for a short link.
    """
    link = link_of(sheet.code)
    modules = segno.make(link, error="m", micro=False).symbol_size(border=4)[0]
    return {
        "width": paper.width_mm,
        "height": paper.height_mm,
        "columns": paper.columns,
        "rows": paper.rows,
        "page_width": paper.page_width_mm,
        "page_height": paper.page_height_mm,
        "count": count,
        "lang": language(),
        "link": link,
        "picture_half_mm": modules,
        "code": sheet.spelled,
        "product": _spoken(sheet.product),
        "lines": [line for line in _lines(sheet) if line],
    }


def _lines(sheet: Sheet) -> list[str]:
    return [
        _(
            "%(specification)s，净含量 %(weight)s",
            specification=_spoken(sheet.specification),
            weight=grams_text(sheet.net_grams),
        ),
        _("采收 %(day)s", day=day(sheet.harvest_to)),
        _("包装 %(day)s", day=day(sheet.packed_on)),
        sheet.best_before and _("保质期至 %(day)s", day=day(sheet.best_before)),
        _spoken(sheet.cooperative),
        sheet.certificate and _("承诺达标合格证 %(number)s", number=sheet.certificate),
    ]


def _spoken(name: Named) -> str:
    return name.en if language() == "en" and name.en else name.zh
