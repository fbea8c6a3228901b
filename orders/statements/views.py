"""The household statement, opened by printed code and PIN, or by its cooperative."""

from __future__ import annotations

from datetime import datetime, timedelta

from flask import (
    Blueprint,
    Response,
    flash,
    redirect,
    render_template,
    request,
    session,
    url_for,
)
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from orders.statements import period_queries, queries, slips
from orders.statements.forms import NoLongerForm, OpenForm, WrongForm
from orders.statements.papers import first_sentence, paper_data, read_aloud
from orders.statements.periods import ALL
from orders.statements.queries import Statement
from orders.statements.slip_forms import PeriodForm, period_words
from orders.statements.speech import came_back, explained, paragraph
from products.disputes import queries as disputes
from products.disputes.commands import open_dispute
from products.disputes.forms import ClaimForm
from products.households import consent_commands as commands
from products.households.consent_commands import NoConsent
from products.households.queries import own_consents
from products.households.statement_commands import open_statement, report_wrong
from shop.core import clock
from shop.core.actors import Actor
from shop.core.errors import Refusal
from shop.core.permissions import Permission
from shop.organisations.acting import current_actor, requires
from shop.printing import pdf
from shop.web.forms import sentence_of
from shop.web.views import open_to_all, reading

bp = Blueprint("statements", __name__, url_prefix="/my-statement")

#: How long a statement stays open after code and PIN.
OPEN_FOR = timedelta(minutes=20)


@bp.route("/", methods=["GET", "POST"])
@open_to_all
def enter() -> ResponseReturnValue:
    """Open one's statement by code and PIN."""
    form = OpenForm()
    if form.validate_on_submit():
        now = clock.now()
        try:
            household_id = open_statement(code=form.code.data, pin=form.pin.data, now=now)
        except Refusal as refusal:
            form.refuse(refusal)
        else:
            if household_id:
                session["statement"] = [household_id, (now + OPEN_FOR).isoformat()]
                return redirect(url_for("statements.mine"), code=303)
            form.pin.errors = [_("户码或密码不对，请照卡片再填一遍。")]
            form.status = 422
    return render_template("orders/statements/enter.html", form=form), form.status


@bp.get("/mine")
@open_to_all
def mine() -> ResponseReturnValue:
    """The household's own statement, in large type."""
    actor = _household()
    if actor is None:
        return _shut()
    return _page(actor, WrongForm())


@bp.post("/mine/reports")
@open_to_all
def report() -> ResponseReturnValue:
    """The household says that something is wrong; the cooperative calls back."""
    actor = _household()
    if actor is None:
        return _shut()
    form = WrongForm()
    if form.carried_out(
        report_wrong,
        household_id=actor.key,
        words=form.words.data or "",
        actor=actor,
        now=clock.now(),
    ):
        flash(_("记下了，合作社会给您打电话。"), "ok")
        return redirect(url_for("statements.mine"), code=303)
    return _page(actor, form)


@bp.post("/mine/consents/withdrawals")
@open_to_all
def withdraw_consent() -> ResponseReturnValue:
    """The household takes back, by itself, a consent to be shown in public."""
    actor = _household()
    if actor is None:
        return _shut()
    form = NoLongerForm()
    if form.validate_on_submit():
        now = clock.now()
        try:
            commands.withdraw_consent.once(form.once.data)(
                household_id=actor.key,
                on=clock.day_of(now),
                purpose=form.purpose.data,
                actor=actor,
                now=now,
            )
        except NoConsent as refusal:
            flash(sentence_of(refusal), "warn")
        else:
            flash(_("已撤回，公开页面上已经没有了。您的账和钱不变。"), "ok")
    return redirect(url_for("statements.mine", _anchor="consents"), code=303)


@bp.route("/mine/lots/<lot_id>/dispute", methods=["GET", "POST"])
@open_to_all
def dispute(lot_id: str) -> ResponseReturnValue:
    """The household says that one of its lots is not its own, or not so much."""
    actor = _household()
    if actor is None:
        return _shut()
    assert actor.household_id is not None
    number, goods = disputes.disputed_lot(reading(), lot_id, actor.household_id)
    form = ClaimForm()
    if form.carried_out(
        open_dispute,
        lot_id=lot_id,
        claim=form.claim.data,
        words=form.words.data or "",
        actor=actor,
        now=clock.now(),
    ):
        flash(_("记下了。这批货先停住，核实以后在这里告诉您。"), "ok")
        return redirect(url_for("statements.mine"), code=303)
    return render_template(
        "orders/statements/dispute.html", form=form, number=number, goods=goods
    ), form.status


@bp.get("/mine/statement.pdf")
@open_to_all
def mine_pdf() -> ResponseReturnValue:
    """The household's own statement as an A4 paper."""
    actor = _household()
    if actor is None:
        return _shut()
    return _pdf(_statement(actor, actor.key))


@bp.get("/mine/period")
@open_to_all
def mine_period() -> ResponseReturnValue:
    """The household's own statement of a month, quarter, season or year."""
    actor = _household()
    if actor is None:
        return _shut()
    form = PeriodForm(clock.day_of(clock.now()), request.args)
    found = period_queries.of_household(reading(), actor.key, form.chosen, actor)
    words = period_words(form.chosen)
    return render_template(
        "orders/statements/period.html",
        statement=found,
        form=form,
        words=words,
        said=paragraph(found, words),
        explained=explained(found),
        came_back=came_back(found.sent_back, found.covered),
    )


@bp.get("/mine/slip.pdf")
@open_to_all
def mine_slip() -> ResponseReturnValue:
    """The household's own slip of a period."""
    actor = _household()
    if actor is None:
        return _shut()
    today = clock.day_of(clock.now())
    form = PeriodForm(today, request.args)
    found = period_queries.of_household(reading(), actor.key, form.chosen, actor)
    door = url_for("statements.enter", _external=True)
    data = slips.pages([slips.slip(found)], title="农户对账单", door=door, on=today)
    return Response(pdf.render("slips", data), mimetype="application/pdf")


@bp.get("/mine/print")
@open_to_all
def mine_print() -> ResponseReturnValue:
    """Where the page to print was once: the paper."""
    if _household() is None:
        return _shut()
    return redirect(url_for("statements.mine_pdf"), code=301)


@bp.post("/close")
@open_to_all
def close() -> ResponseReturnValue:
    """Put the statement away, so that nobody else reads it on this phone."""
    session.pop("statement", None)
    flash(_("已经关好了。"), "ok")
    return redirect(url_for("statements.enter"), code=303)


@bp.get("/of/<household_id>")
@requires(Permission.HOUSEHOLD_READ)
def of_household(household_id: str) -> ResponseReturnValue:
    """Where the cooperative once read it: the statement of all periods."""
    _statement(current_actor(), household_id)  # not found unless theirs to see
    address = url_for("account_statements.household", household_id=household_id, period=ALL.key)
    return redirect(address, code=301)


@bp.get("/of/<household_id>/statement.pdf")
@requires(Permission.HOUSEHOLD_READ)
def of_household_pdf(household_id: str) -> ResponseReturnValue:
    """A household's statement as an A4 paper, for its cooperative."""
    return _pdf(_statement(current_actor(), household_id))


def _household() -> Actor | None:
    """The household whose statement is open in this session, while it is."""
    kept = session.get("statement")
    if not kept or datetime.fromisoformat(kept[1]) <= clock.now():
        session.pop("statement", None)
        return None
    return queries.actor_of(reading(), kept[0])


def _shut() -> ResponseReturnValue:
    flash(_("为了安全，明细 20 分钟后自动关上。请再填一次户码和密码。"), "warn")
    return redirect(url_for("statements.enter"), code=303)


def _statement(actor: Actor, household_id: str) -> Statement:
    return queries.statement(reading(), household_id=household_id, actor=actor, now=clock.now())


def _page(actor: Actor, form: WrongForm) -> ResponseReturnValue:
    found = _statement(actor, actor.key)
    return render_template(
        "orders/statements/page.html",
        statement=found,
        sentence=first_sentence(found.headline),
        aloud=read_aloud(found),
        came_back=came_back(found.sent_back, found.covered),
        consents=own_consents(reading(), actor.household_id),
        disputes=disputes.of_household(reading(), actor.household_id or 0),
        form=form,
    ), form.status


def _pdf(found: Statement) -> ResponseReturnValue:
    answer = Response(pdf.render("statement", paper_data(found)), mimetype="application/pdf")
    answer.headers["Content-Disposition"] = f'inline; filename="statement-{found.code}.pdf"'
    return answer
