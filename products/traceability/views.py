"""The public page behind the code on a box, however it was scanned or typed."""

from __future__ import annotations

from flask import Blueprint, Response, current_app, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from products.traceability import (
    code_proofs,
    commands,
    complaints,
    digital_link,
    notice_queries,
    queries,
)
from products.traceability.finding import Found, find, normal
from products.traceability.forms import CodeForm, ComplaintForm
from products.traceability.rules import ODD_ABOVE_DAYS, ODD_ABOVE_SCANS, what_is_wrong
from products.traceability.states import Verdict
from shop.core import clock
from shop.core.actors import VISITOR
from shop.core.errors import NotFound, Refusal
from shop.printing.pdf import qr_svg
from shop.web.forms import ShopForm
from shop.web.limits import limiter, one_more_wrong_code
from shop.web.views import open_to_all, reading

bp = Blueprint("trace", __name__)

#: Households and certificates named on a page; further ones are counted, since pages stay light.
NAMED_AT_MOST = 40


def site() -> str:
    """The public address of the shop, without a slash at its end."""
    address: str = current_app.config["SHOP"].public_url
    return address.rstrip("/")


def link_of(code: str) -> str:
    """The short public address of a code."""
    return f"{site()}/t/{code}"


@bp.get("/t/")
@open_to_all
def enter() -> ResponseReturnValue:
    """Type a code from a label."""
    form = CodeForm(request.args)
    if "code" in request.args and form.validate():
        return redirect(url_for("trace.page", code=form.stored), code=303)
    status = 422 if form.errors else 200
    return render_template("products/traceability/enter.html", form=form), status


@bp.get("/t/<code>")
@open_to_all
def page(code: str) -> ResponseReturnValue:
    """Tell what is in the box with this code, or that nobody should trust it."""
    stored = normal(code)
    if stored is not None and stored != code:
        return redirect(url_for("trace.page", code=stored), code=301)
    return _told(find(reading(), code))


@bp.get("/01/<gtin>")
@bp.get("/01/<gtin>/<path:qualifiers>")
@open_to_all
def resolve(gtin: str, qualifiers: str = "") -> ResponseReturnValue:
    """Where a GS1 Digital Link leads: to the box, else to its lot, else to the goods."""
    link = digital_link.read(gtin, qualifiers)
    if link is None:
        return _nothing(Found(Verdict.UNKNOWN, ""))
    if link.serial:
        return _told(find(reading(), link.serial), link)
    code = queries.trace_code_of(reading(), link.lot) if link.lot else None
    if code is not None:
        return redirect(url_for("trace.page", code=code), code=307)
    slug = None if link.lot else queries.slug_of(reading(), link.gtin)
    if slug is not None:
        return redirect(url_for("shopfront.product", slug=slug), code=307)
    return _nothing(Found(Verdict.UNKNOWN, link.lot or link.gtin))


@bp.post("/t/<code>/scans")
@open_to_all
@limiter.limit("60/minute")
def scan(code: str) -> ResponseReturnValue:
    """Count that somebody holds this box; looking at the page alone counts nothing."""
    form = ShopForm()
    stored = commands.count_scan.once(form.once.data)(
        code=normal(code) or "", actor=VISITOR, now=clock.now()
    )
    return redirect(url_for("trace.page", code=stored, _anchor="scans"), code=303)


@bp.get("/t/<code>/bundle.json")
@open_to_all
@limiter.limit("60/minute")
def bundle(code: str) -> ResponseReturnValue:
    """The offline bundle of a box, to be kept with it and checked without a network."""
    answer = Response(code_proofs.bundle(reading(), code), mimetype="application/json")
    answer.headers["Content-Disposition"] = f'attachment; filename="{normal(code)}.json"'
    return answer


@bp.route("/t/<code>/complaint", methods=["GET", "POST"])
@open_to_all
@limiter.limit("60/hour", methods=["POST"])
def complain(code: str) -> ResponseReturnValue:
    """Say what is wrong with a box; the answer is read at a private address."""
    found = find(reading(), code)
    if found.lot_key is None:
        return _nothing(found)
    form = ComplaintForm()
    if form.validate_on_submit():
        try:
            key = complaints.complain.once(form.once.data)(
                code=found.code,
                words=form.words.data or "",
                phone=form.phone.data or "",
                actor=VISITOR,
                now=clock.now(),
            )
            return redirect(url_for("trace.own_complaint", complaint_key=key), code=303)
        except Refusal as refusal:
            form.refuse(refusal)
    return render_template(
        "products/traceability/complain.html", found=found, form=form
    ), form.status


@bp.get("/complaints/<complaint_key>")
@open_to_all
def own_complaint(complaint_key: str) -> ResponseReturnValue:
    """A complaint and its answer, for whoever has its address."""
    complaint = notice_queries.own_complaint(reading(), complaint_key)
    address = site() + url_for("trace.own_complaint", complaint_key=complaint_key)
    return render_template(
        "products/traceability/own_complaint.html", complaint=complaint, address=address
    )


@bp.get("/t/<code>/qr.svg")
@open_to_all
def qr(code: str) -> ResponseReturnValue:
    """The QR code of a page, to be saved or printed."""
    found = find(reading(), code)
    if found.lot_key is None:
        raise NotFound()
    answer = Response(qr_svg(link_of(found.code)), mimetype="image/svg+xml")
    answer.headers["Cache-Control"] = "public, max-age=86400"
    return answer


def _told(found: Found, link: digital_link.Link | None = None) -> ResponseReturnValue:
    """The page of a code, or why there is none."""
    if found.lot_key is None:
        return _nothing(found)
    try:
        told = queries.page(reading(), found=found, now=clock.now(), link=link)
    except NotFound:
        return _nothing(Found(Verdict.UNKNOWN, found.code))
    return render_template(
        "products/traceability/page.html",
        page=told,
        form=ShopForm(),
        odd=(ODD_ABOVE_SCANS, ODD_ABOVE_DAYS),
        named_most=NAMED_AT_MOST,
    )


def _nothing(found: Found) -> ResponseReturnValue:
    """The page of a code nobody should trust; and for who tries too many, that it is enough."""
    if one_more_wrong_code():
        return render_template("products/traceability/too_many.html"), 429
    mistyped = found.verdict is Verdict.MISTYPED
    hint = _(what_is_wrong(found.code)) % {"count": len(found.code)} if mistyped else ""
    form = CodeForm(formdata=None, data={"code": found.code[:40]})
    return render_template(
        "products/traceability/unknown.html", found=found, form=form, hint=hint
    ), 404
