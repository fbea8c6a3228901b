"""Pages of the weigh-in: weighing, slip, day ledger, correcting."""

from __future__ import annotations

from datetime import date

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from wtforms import SelectChoice

from products.catalogue.states import Category
from products.lots import commands, day_files, mass_balance, rules
from products.lots import delivery_queries as queries
from products.lots.forms import CorrectForm, VoidForm, WeighForm
from shop.core import clock
from shop.core.errors import Refusal
from shop.core.money import Money
from shop.core.permissions import Permission as P
from shop.organisations.acting import current_actor, current_organisation, requires
from shop.organisations.models import OrganisationKind
from shop.organisations.queries import OrganisationRow
from shop.web.forms import sent_again
from shop.web.views import reading

bp = Blueprint("deliveries", __name__, url_prefix="/cooperative/deliveries")

_CATEGORIES = {category.value: category for category in Category}
SHEET = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@bp.get("/new")
@requires(P.DELIVERY_WEIGH)
def new() -> ResponseReturnValue:
    """Whose goods are on the scale: the households weighed last, and a search."""
    cooperative, actor = _cooperative(), current_actor()
    words = request.args.get("q", "").strip()[:40]
    today = clock.day_of(clock.now())
    return render_template(
        "products/lots/weigh_who.html",
        recent=queries.recent_households(reading(), cooperative.id, actor),
        found=queries.find_households(reading(), cooperative.id, actor, words),
        words=words,
        today=queries.day_ledger(reading(), cooperative.id, actor, today),
    )


@bp.route("/new/<household_id>", methods=["GET", "POST"])
@requires(P.DELIVERY_WEIGH)
def weigh(household_id: str) -> ResponseReturnValue:
    """Weigh for one household: fill in, check the value, record, print the slip."""
    scale = queries.scale(reading(), household_id, _cooperative().id, current_actor())
    form = WeighForm(**_goods(scale))
    form.plot_id.choices = [
        SelectChoice("", _("不指定")),
        *(SelectChoice(plot.public_id, f"{plot.name}（{plot.crop}）") for plot in scale.plots),
    ]
    step = request.form.get("step", "record")
    if step != "edit" and form.validate_on_submit():
        price: Money = form.data["fen_per_kg"]
        if step == "check":
            value = rules.leaf_value(form.data["grams"], price.fen)
            return render_template(
                "products/lots/weigh_check.html",
                scale=scale,
                form=form,
                value=value,
                sent=sent_again(),
            )
        try:
            lot = commands.weigh_in.once(form.once.data)(
                household_id=household_id,
                plot_id=form.plot_id.data or None,
                category=form.category.data,
                name=form.name.data,
                grade=form.grade.data or "",
                grams=form.data["grams"],
                fen_per_kg=price.fen,
                payment=form.payment.data,
                certificate=form.certificate.data or "",
                certificate_source=form.certificate_source.data,
                actor=current_actor(),
                now=clock.now(),
            )
        except Refusal as refusal:
            form.refuse(refusal)
        else:
            flash(_("已入账。"))
            return redirect(url_for("deliveries.slip", lot_id=lot), code=303)
    return render_template("products/lots/weigh.html", scale=scale, form=form), form.status


@bp.get("/<lot_id>")
@requires(P.DELIVERY_WEIGH, P.LOT_READ)
def slip(lot_id: str) -> ResponseReturnValue:
    """The slip of one weigh-in, to print for the household."""
    return render_template(
        "products/lots/slip.html",
        slip=queries.slip(reading(), lot_id, current_actor()),
        may_weigh=current_actor().may(P.DELIVERY_WEIGH, _cooperative().id),
    )


@bp.route("/<lot_id>/correct", methods=["GET", "POST"])
@requires(P.DELIVERY_WEIGH)
def correct(lot_id: str) -> ResponseReturnValue:
    """Put a wrong weigh-in right, with a reason."""
    slip = queries.slip(reading(), lot_id, current_actor())
    was = slip.delivery
    form = CorrectForm(
        grams=was.grams,
        grade=was.grade,
        fen_per_kg=Money(was.fen_per_kg),
        payment=was.payment,
        certificate_source=was.certificate_source,
        certificate=was.collected,
    )
    if form.validate_on_submit():
        try:
            lot = commands.correct_delivery.once(form.once.data)(
                lot_id=lot_id,
                grams=form.data["grams"],
                grade=form.grade.data or "",
                fen_per_kg=form.data["fen_per_kg"].fen,
                payment=form.payment.data,
                certificate=form.certificate.data or "",
                certificate_source=form.certificate_source.data,
                reason=form.reason.data,
                actor=current_actor(),
                now=clock.now(),
            )
        except Refusal as refusal:
            form.refuse(refusal)
        else:
            flash(_("已更正，原来的单子作废并保留。请把新单子给农户。"))
            return redirect(url_for("deliveries.slip", lot_id=lot), code=303)
    return render_template("products/lots/correct.html", slip=slip, form=form), form.status


@bp.route("/<lot_id>/void", methods=["GET", "POST"])
@requires(P.DELIVERY_WEIGH)
def void(lot_id: str) -> ResponseReturnValue:
    """Void a weigh-in, with a reason."""
    slip = queries.slip(reading(), lot_id, current_actor())
    form = VoidForm()
    if form.validate_on_submit():
        try:
            commands.void_delivery.once(form.once.data)(
                lot_id=lot_id, reason=form.reason.data, actor=current_actor(), now=clock.now()
            )
        except Refusal as refusal:
            form.refuse(refusal)
        else:
            flash(_("已作废，单子和原因保留在日账里。"))
            return redirect(url_for("deliveries.slip", lot_id=lot_id), code=303)
    return render_template("products/lots/void.html", slip=slip, form=form), form.status


@bp.get("/day")
@requires(P.DELIVERY_WEIGH)
def day() -> ResponseReturnValue:
    """The weigh-ins of one day (收购日账), today unless another is asked for."""
    return render_template(
        "products/lots/day.html",
        ledger=_ledger(),
        cooperative=_cooperative(),
        today=clock.day_of(clock.now()),
    )


@bp.get("/day.csv")
@requires(P.DELIVERY_WEIGH)
def day_csv() -> ResponseReturnValue:
    """The day ledger as CSV."""
    ledger = _ledger()
    return _file(day_files.as_csv(ledger), "text/csv; charset=utf-8", f"{ledger.day}.csv")


@bp.get("/day.xlsx")
@requires(P.DELIVERY_WEIGH)
def day_xlsx() -> ResponseReturnValue:
    """The day ledger as a workbook."""
    ledger = _ledger()
    return _file(day_files.as_xlsx(ledger), SHEET, f"{ledger.day}.xlsx")


def _ledger() -> queries.DayLedger:
    today = clock.day_of(clock.now())
    asked = request.args.get("day", today, type=_day)
    return queries.day_ledger(reading(), _cooperative().id, current_actor(), asked)


def _day(text: str) -> date:
    asked = date.fromisoformat(text)
    if not 2000 <= asked.year <= 2999:
        raise ValueError("not a day of ours")
    return asked


def _file(content: bytes, media_type: str, name: str) -> Response:
    answer = Response(content, content_type=media_type)
    answer.headers.set("Content-Disposition", "attachment", filename=f"weigh-ins-{name}")
    return answer


def _goods(scale: queries.Scale) -> dict[str, object]:
    """What the form begins with: the goods asked for in the address, else those weighed last."""
    if "name" in request.args:
        return {
            "category": _CATEGORIES.get(request.args.get("category", ""), Category.TEA),
            "name": request.args["name"][:64],
            "grade": request.args.get("grade", "")[:32],
            "fen_per_kg": Money(request.args.get("fen", 0, type=int)),
        }
    last = scale.last
    if last is None:
        return {}
    return {
        "category": last.category,
        "name": last.name,
        "grade": last.grade,
        "fen_per_kg": Money(last.fen_per_kg),
    }


def _cooperative() -> OrganisationRow:
    return current_organisation(OrganisationKind.COOPERATIVE)


def yields(household_id: str) -> tuple[mass_balance.Yield, ...]:
    """What a household brought in the last year against its land, for its page.

    A part of the household's page that stands here because households know nothing of lots.
    """
    today = clock.day_of(clock.now())
    return mass_balance.yields(reading(), household_id, current_actor(), today=today)
