"""The public trace page behind the code on a box."""

from __future__ import annotations

from flask import Blueprint, Response, current_app, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from products.traceability import commands, queries, rules
from products.traceability.forms import CodeForm
from shop.core import clock
from shop.core.actors import VISITOR
from shop.core.errors import NotFound
from shop.core.reference import read_reference
from shop.printing.pdf import qr_svg
from shop.web.forms import ShopForm
from shop.web.views import open_to_all, reading

bp = Blueprint("trace", __name__, url_prefix="/t")


def link_of(code: str) -> str:
    """The short public address printed on the box and held by its QR code."""
    return f"{current_app.config['SHOP'].public_url.rstrip('/')}/t/{code}"


@bp.get("/")
@open_to_all
def enter() -> ResponseReturnValue:
    """Type a code from a label."""
    form = CodeForm(request.args)
    if "code" in request.args and form.validate():
        return redirect(url_for("trace.page", code=form.stored), code=303)
    status = 422 if form.errors else 200
    return render_template("products/traceability/enter.html", form=form), status


@bp.get("/<code>")
@open_to_all
def page(code: str) -> ResponseReturnValue:
    """Tell what is in the box with this code, or that nobody should trust it."""
    stored = read_reference(code)
    if stored is None:
        return _unknown(code)
    if stored != code:
        return redirect(url_for("trace.page", code=stored), code=301)
    try:
        found = queries.page(reading(), code=stored, now=clock.now())
    except NotFound:
        return _unknown(code)
    return render_template("products/traceability/page.html", page=found, form=ShopForm())


@bp.post("/<code>/scans")
@open_to_all
def scan(code: str) -> ResponseReturnValue:
    """Count that somebody holds this box; looking at the page alone counts nothing."""
    form = ShopForm()
    stored = commands.count_scan.once(form.once.data)(
        code=read_reference(code) or "", actor=VISITOR, now=clock.now()
    )
    return redirect(url_for("trace.page", code=stored, _anchor="scans"), code=303)


@bp.get("/<code>/qr.svg")
@open_to_all
def qr(code: str) -> ResponseReturnValue:
    """The QR code of a lot's page, to be saved or printed."""
    stored = read_reference(code)
    if stored is None or queries.lot_of_code(reading(), stored) is None:
        raise NotFound()
    answer = Response(qr_svg(link_of(stored)), mimetype="image/svg+xml")
    answer.headers["Cache-Control"] = "public, max-age=86400"
    return answer


def _unknown(typed: str) -> ResponseReturnValue:
    """The page for a code nobody printed: the verdict, and what may be wrong with the typing."""
    hint = rules.what_is_wrong(typed)
    plain = "".join(typed.split()).replace("-", "")
    form = CodeForm(formdata=None, data={"code": typed[:40]})
    return render_template(
        "products/traceability/unknown.html",
        form=form,
        hint=_(hint) % {"count": len(plain)} if hint else None,
    ), 404
