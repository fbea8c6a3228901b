"""Labels with a code of their own each, lists of codes, and shelf cards with the lot's code."""

from __future__ import annotations

import csv
import io

from flask import Blueprint, Response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from products.catalogue.gtin import box_gtin
from products.traceability import label_commands, label_queries, label_sheets, queries
from products.traceability.code_views import to_job
from products.traceability.forms import LabelForm, ShelfCardForm
from products.traceability.label_sheets import Content, Sticker
from products.traceability.papers import paper_of, papers_for
from products.traceability.rows import Named, Sheet
from products.traceability.rules import spelled
from products.traceability.states import CodeKind
from products.traceability.views import link_of, site
from shop.core import clock
from shop.core.errors import Refusal
from shop.core.permissions import Permission as P
from shop.organisations.acting import current_actor, requires
from shop.web.filters import day, grams_text
from shop.web.views import language, reading

bp = Blueprint("labels", __name__, url_prefix="/cooperative")


@bp.get("/lots/<lot_id>/labels")
@requires(P.LOT_READ)
def choose(lot_id: str) -> ResponseReturnValue:
    """Cards for the shelf and posters: the code of the whole lot, and what stands on them."""
    sheet = queries.sheet(reading(), lot_id=lot_id, actor=current_actor())
    form = ShelfCardForm(formdata=None, data={"count": 24})
    form.offer(papers_for(CodeKind.UNIT))
    return render_template(
        "products/traceability/shelf_cards.html", sheet=sheet, form=form, link=link_of(sheet.code)
    )


@bp.get("/lots/<lot_id>/labels.pdf")
@requires(P.LOT_READ)
def sheet_pdf(lot_id: str) -> ResponseReturnValue:
    """The shelf cards as PDF."""
    sheet = queries.sheet(reading(), lot_id=lot_id, actor=current_actor())
    form = ShelfCardForm(request.args)
    form.offer(papers_for(CodeKind.UNIT))
    if not form.validate():
        return render_template(
            "products/traceability/shelf_cards.html",
            sheet=sheet,
            form=form,
            link=link_of(sheet.code),
        ), 422
    cards = [Sticker(number, sheet.code) for number in range(form.count.data or 1)]
    content = label_content(sheet, None)
    return _pdf(
        label_sheets.sheets(content, paper_of(form.paper.data), cards), f"cards-{sheet.number}"
    )


@bp.route("/codes/allocations/<allocation_id>/labels", methods=["GET", "POST"])
@requires(P.CODE_MAKE)
def new(allocation_id: str) -> ResponseReturnValue:
    """Choose paper, range and place, and have labels set with a code of its own on each."""
    actor = current_actor()
    found = label_queries.allocation(reading(), allocation_id, actor)
    sheet = queries.sheet(reading(), lot_id=found.lot_id, actor=actor)
    form = LabelForm(data={"first_serial": found.first_serial, "count": found.count})
    form.offer(papers_for(found.kind))
    if form.validate_on_submit():
        try:
            _print, job = label_commands.print_labels.once(form.once.data)(
                allocation_id=allocation_id,
                paper=form.paper.data,
                first_serial=form.first_serial.data or 0,
                count=form.count.data or 0,
                start=form.start.data or 0,
                content=label_sheets.as_facts(label_content(sheet, found.kind)),
                actor=actor,
                now=clock.now(),
            )
            return to_job(job)
        except Refusal as refusal:
            form.refuse(refusal)
    return render_template(
        "products/traceability/labels.html", found=found, sheet=sheet, form=form
    ), form.status


@bp.get("/codes/prints/<print_id>")
@requires(P.CODE_MAKE)
def show_print(print_id: str) -> ResponseReturnValue:
    """The files of a print, as long as they are kept."""
    return render_template(
        "products/traceability/print.html",
        print=label_queries.label_print(reading(), print_id, current_actor()),
    )


@bp.get("/codes/prints/<print_id>/<int:part>.pdf")
@requires(P.CODE_MAKE)
def file(print_id: str, part: int) -> ResponseReturnValue:
    """One file of a print."""
    content, name = label_queries.label_file(reading(), print_id, part, current_actor())
    return _pdf(content, name)


@bp.post("/codes/allocations/<allocation_id>/codes.csv")
@requires(P.CODE_MAKE)
def codes_csv(allocation_id: str) -> ResponseReturnValue:
    """The codes with their links, for a printer that sets its own labels; audited."""
    actor = current_actor()
    found = label_queries.allocation(reading(), allocation_id, actor)
    sheet = queries.sheet(reading(), lot_id=found.lot_id, actor=actor)
    content = label_content(sheet, found.kind)
    try:
        codes = label_commands.list_codes(allocation_id=allocation_id, actor=actor, now=clock.now())
    except label_commands.NotGivenYet:
        return redirect(url_for("codes.of_lot", lot_id=found.lot_id), code=303)
    out = io.StringIO()
    rows = csv.writer(out, lineterminator="\r\n")
    rows.writerow([_("序号"), _("码"), _("完整网址"), _("短网址")])
    rows.writerows(
        [serial, spelled(code), content.full_link(code), content.short_link(code)]
        for serial, code in codes
    )
    answer = Response("\ufeff" + out.getvalue(), mimetype="text/csv")
    answer.headers["Content-Disposition"] = f'attachment; filename="codes-{sheet.number}.csv"'
    return answer


def label_content(sheet: Sheet, kind: CodeKind | None) -> Content:
    """What stands on every label of a lot, in the reader's language; None: on its shelf cards."""
    unit = _spoken(sheet.unit)
    gtins = {CodeKind.UNIT: sheet.gtin, CodeKind.BOX: sheet.gtin and box_gtin(sheet.gtin)}
    lines = [
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
    return Content(
        site=site(),
        gtin=gtins[kind] if kind else "",
        lot=sheet.number,
        product=_spoken(sheet.product),
        lines=tuple(line for line in lines if line),
        inside=_("内装 %(count)s %(unit)s", count="%s", unit=unit) if kind is CodeKind.BOX else "",
    )


def _pdf(content: bytes, name: str) -> Response:
    answer = Response(content, mimetype="application/pdf")
    answer.headers["Content-Disposition"] = f'inline; filename="{name}.pdf"'
    return answer


def _spoken(name: Named) -> str:
    return name.en if language() == "en" and name.en else name.zh
