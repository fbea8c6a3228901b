"""Pages of households: list, one household, cards, consents, statement codes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import segno
from flask import (
    Blueprint,
    current_app,
    flash,
    redirect,
    render_template,
    request,
    url_for,
)
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from wtforms import SelectChoice

from products.households import commands, queries
from products.households.forms import (
    AnswerForm,
    CardForm,
    ConsentForm,
    LookForm,
    NewCardForm,
    PlotForm,
    RegisterForm,
    StandingForm,
)
from products.households.rows import PAGE, HouseholdPage
from products.households.states import ConsentPurpose
from shop.core import clock
from shop.core.errors import Refusal
from shop.core.permissions import Permission as P
from shop.organisations.acting import current_actor, current_organisation, requires
from shop.organisations.models import OrganisationKind
from shop.organisations.queries import OrganisationRow
from shop.web.forms import ShopForm
from shop.web.views import reading

bp = Blueprint("households", __name__, url_prefix="/cooperative/households")


@bp.get("/")
@requires(P.HOUSEHOLD_READ)
def index() -> ResponseReturnValue:
    """The cooperative's households, found by name, village or code."""
    words = request.args.get("q", "")[:40]
    page = max(1, request.args.get("page", 1, type=int))
    found = queries.search(reading(), _cooperative().id, current_actor(), words=words, page=page)
    return render_template(
        "products/households/index.html",
        households=found,
        words=words,
        pages=-(-found.found // PAGE),
        may_edit=_may_edit(),
    )


@bp.route("/new", methods=["GET", "POST"])
@requires(P.HOUSEHOLD_EDIT)
def new() -> ResponseReturnValue:
    """Register a household."""
    cooperative = _cooperative()
    form = RegisterForm(since=clock.day_of(clock.now()))
    villages = queries.villages_near(reading(), cooperative.id)
    form.village_id.choices = [SelectChoice(v.public_id, f"{v.place} {v.name}") for v in villages]
    if form.validate_on_submit():
        try:
            household = commands.register_household.once(form.once.data)(
                cooperative_id=cooperative.public_id,
                village_id=form.village_id.data,
                name=form.name.data,
                identity=form.identity.data or "",
                phone=form.phone.data or "",
                standing=form.standing.data,
                since=form.data["since"],
                actor=current_actor(),
                now=clock.now(),
            )
        except Refusal as refusal:
            form.refuse(refusal)
        else:
            flash(_("已登记。下一步：登记收款卡，发对账单密码。"))
            return redirect(url_for("households.show", household_id=household), code=303)
    return render_template("products/households/new.html", form=form), form.status


@bp.get("/<household_id>")
@requires(P.HOUSEHOLD_READ)
def show(household_id: str) -> ResponseReturnValue:
    """One household: plots, standings, consents, card, reports."""
    return render_template(
        "products/households/show.html",
        household=_household(household_id),
        purposes=list(ConsentPurpose),
        may_edit=_may_edit(),
    )


@bp.route("/<household_id>/plots/new", methods=["GET", "POST"])
@requires(P.HOUSEHOLD_EDIT)
def add_plot(household_id: str) -> ResponseReturnValue:
    """Add a plot."""
    form = PlotForm()
    return _edit(
        household_id,
        form,
        "plot",
        _("地块已登记。"),
        lambda: commands.add_plot.once(form.once.data)(
            household_id=household_id,
            name=form.name.data,
            crop=form.crop.data,
            area_m2=form.data["area_m2"],
            actor=current_actor(),
            now=clock.now(),
        ),
    )


@bp.route("/<household_id>/standing", methods=["GET", "POST"])
@requires(P.HOUSEHOLD_EDIT)
def set_standing(household_id: str) -> ResponseReturnValue:
    """Give another standing from a day on."""
    form = StandingForm(since=clock.day_of(clock.now()))
    return _edit(
        household_id,
        form,
        "standing",
        _("身份已更新；以前的记录保留。"),
        lambda: commands.set_standing.once(form.once.data)(
            household_id=household_id,
            standing=form.standing.data,
            since=form.data["since"],
            actor=current_actor(),
            now=clock.now(),
        ),
    )


@bp.route("/<household_id>/consent/give", methods=["GET", "POST"])
@requires(P.HOUSEHOLD_EDIT)
def give_consent(household_id: str) -> ResponseReturnValue:
    """Note a signed consent."""
    form = ConsentForm(purpose=_purpose(), on=clock.day_of(clock.now()))
    return _edit(
        household_id,
        form,
        "give_consent",
        _("同意书已登记。公开页面只写姓氏和村名，不写全名。"),
        lambda: commands.give_consent.once(form.once.data)(
            household_id=household_id,
            on=form.data["on"],
            purpose=form.purpose.data,
            actor=current_actor(),
            now=clock.now(),
        ),
    )


@bp.route("/<household_id>/consent/withdraw", methods=["GET", "POST"])
@requires(P.HOUSEHOLD_EDIT)
def withdraw_consent(household_id: str) -> ResponseReturnValue:
    """Note that consent was taken back."""
    form = ConsentForm(purpose=_purpose(), on=clock.day_of(clock.now()))
    return _edit(
        household_id,
        form,
        "withdraw_consent",
        _("已撤回，公开页面马上不再显示。账和份额不变。"),
        lambda: commands.withdraw_consent.once(form.once.data)(
            household_id=household_id,
            on=form.data["on"],
            purpose=form.purpose.data,
            actor=current_actor(),
            now=clock.now(),
        ),
    )


@bp.route("/<household_id>/card", methods=["GET", "POST"])
@requires(P.HOUSEHOLD_EDIT)
def set_card(household_id: str) -> ResponseReturnValue:
    """Enter the first card a household is paid on, or propose another for a second person."""
    if _household(household_id).card is not None:
        return _propose_card(household_id)
    form = CardForm()
    return _edit(
        household_id,
        form,
        "card",
        _("收款卡已登记，以后打款都用这张卡。"),
        lambda: commands.set_household_account.once(form.once.data)(
            household_id=household_id,
            holder=form.holder.data,
            number=form.number.data,
            bank=form.bank.data,
            cnaps=form.cnaps.data or "",
            actor=current_actor(),
            now=clock.now(),
        ),
    )


def _propose_card(household_id: str) -> ResponseReturnValue:
    form = NewCardForm()
    return _edit(
        household_id,
        form,
        "card",
        _("已提出换卡，请另一位同事复核。之前仍打到原来的卡。"),
        lambda: commands.propose_household_account.once(form.once.data)(
            household_id=household_id,
            holder=form.holder.data,
            number=form.number.data,
            bank=form.bank.data,
            cnaps=form.cnaps.data or "",
            reason=form.reason.data,
            actor=current_actor(),
            now=clock.now(),
        ),
    )


@bp.route("/<household_id>/look", methods=["GET", "POST"])
@requires(P.HOUSEHOLD_EDIT)
def look(household_id: str) -> ResponseReturnValue:
    """Show an encrypted number once, for a reason that goes into the log."""
    household = _household(household_id)
    form = LookForm()
    seen: dict[str, Any] = {}
    if form.validate_on_submit():
        try:
            number = commands.look_at(
                household_id=household_id,
                what=form.what.data,
                reason=form.reason.data,
                actor=current_actor(),
                now=clock.now(),
            )
        except Refusal as refusal:
            form.refuse(refusal)
        else:
            seen = {"what": form.what.data, "number": number}
    page = render_template(
        "products/households/look.html", household=household, form=form, seen=seen
    )
    return page, form.status


@bp.route("/<household_id>/pin", methods=["GET", "POST"])
@requires(P.HOUSEHOLD_EDIT)
def reissue_pin(household_id: str) -> ResponseReturnValue:
    """Give a new PIN, shown once on a slip to print; it is kept nowhere."""
    household = _household(household_id)
    form = ShopForm()
    if form.validate_on_submit():
        pin = commands.reissue_pin(
            household_id=household_id, actor=current_actor(), now=clock.now()
        )
        link = current_app.config["SHOP"].public_url + url_for("statements.enter")
        return render_template(
            "products/households/pin_slip.html",
            household=household,
            cooperative=_cooperative(),
            pin=pin,
            link=link,
            picture=segno.make(link, error="m").svg_data_uri(border=4, scale=4),
            today=clock.day_of(clock.now()),
        )
    return render_template("products/households/pin.html", household=household, form=form)


@bp.get("/reports")
@requires(P.HOUSEHOLD_READ)
def reports() -> ResponseReturnValue:
    """What households say is wrong, until it is answered."""
    return render_template(
        "products/households/reports.html",
        reports=queries.open_reports(reading(), _cooperative().id, current_actor()),
        may_edit=_may_edit(),
    )


@bp.route("/reports/<report_id>", methods=["GET", "POST"])
@requires(P.HOUSEHOLD_EDIT)
def answer(report_id: str) -> ResponseReturnValue:
    """Answer one report."""
    report = queries.report(reading(), report_id, _cooperative().id, current_actor())
    form = AnswerForm()
    if form.validate_on_submit():
        try:
            commands.answer_report.once(form.once.data)(
                report_id=report_id,
                answer=form.answer.data,
                actor=current_actor(),
                now=clock.now(),
            )
        except Refusal as refusal:
            form.refuse(refusal)
        else:
            flash(_("已回话，农户在对账单上能看到。"))
            return redirect(url_for("households.reports"), code=303)
    return render_template("products/households/answer.html", report=report, form=form), form.status


def _edit(
    household_id: str, form: ShopForm, what: str, done: str, act: Callable[[], Any]
) -> ResponseReturnValue:
    """One form about one household: show it, do what it says, go back."""
    household = _household(household_id)
    if form.validate_on_submit():
        try:
            act()
        except Refusal as refusal:
            form.refuse(refusal)
        else:
            flash(done)
            return redirect(url_for("households.show", household_id=household_id), code=303)
    return render_template(
        "products/households/edit.html", household=household, form=form, what=what
    ), form.status


def _purpose() -> ConsentPurpose:
    """The purpose the address asks for; that of the name unless it says otherwise."""
    asked = request.args.get("purpose")
    return next((one for one in ConsentPurpose if one.value == asked), ConsentPurpose.NAME)


def _household(household_id: str) -> HouseholdPage:
    return queries.household(reading(), household_id, _cooperative().id, current_actor())


def _cooperative() -> OrganisationRow:
    return current_organisation(OrganisationKind.COOPERATIVE)


def _may_edit() -> bool:
    return current_actor().may(P.HOUSEHOLD_EDIT, _cooperative().id)
