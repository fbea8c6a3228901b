"""Pages of proposed accounts: the list, one of them, proposing one for an organisation."""

from __future__ import annotations

from flask import Blueprint, flash, make_response, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext
from wtforms import SelectField, StringField, TextAreaField
from wtforms.validators import Length

from shop.core import clock
from shop.core.errors import Refusal
from shop.core.permissions import Permission as P
from shop.organisations import account_changes, account_queries
from shop.organisations.acting import current_actor, requires
from shop.web.forms import ReasonForm, ShopForm, required
from shop.web.views import fresh_reading, reading

bp = Blueprint("accounts", __name__, url_prefix="/account-changes")


class ConfirmForm(ShopForm):
    """What somebody reads from the card itself."""

    last4 = StringField(
        lazy_gettext("新账号的后四位"),
        [required(), Length(max=8)],
        description=lazy_gettext("请对着卡或开户证明填，不要照着页面填。"),
        render_kw={"inputmode": "numeric", "autocomplete": "off"},
    )


class AccountForm(ShopForm):
    """Another account for an organisation, and why."""

    organisation = SelectField(lazy_gettext("哪个单位"), [required()], choices=[])
    holder = StringField(lazy_gettext("户名"), [required(), Length(max=64)])
    number = StringField(
        lazy_gettext("账号"),
        [required(), Length(max=48)],
        description=lazy_gettext("加密保存，以后只显示后四位。"),
        render_kw={"inputmode": "numeric", "autocomplete": "off"},
    )
    bank = StringField(lazy_gettext("开户行"), [required(), Length(max=64)])
    cnaps = StringField(
        lazy_gettext("联行号"),
        [Length(max=12)],
        description=lazy_gettext("12 位；不知道可以先空着。"),
        render_kw={"inputmode": "numeric", "autocomplete": "off"},
    )
    reason = TextAreaField(lazy_gettext("为什么换"), [required(), Length(max=200)])


@bp.get("/")
@requires(P.ACCOUNT_CONFIRM, P.ACCOUNT_PROPOSE)
def index() -> ResponseReturnValue:
    """What waits for a second person, then what was decided."""
    return render_template(
        "organisations/account_changes.html",
        changes=account_queries.changes(reading(), current_actor()),
    )


@bp.route("/new", methods=["GET", "POST"])
@requires(P.ACCOUNT_PROPOSE)
def new() -> ResponseReturnValue:
    """Propose another account for an organisation."""
    form = AccountForm()
    payees = account_queries.payees(reading(), current_actor())
    form.organisation.choices = [
        (row.public_id, _("%(name)s（现在尾号 %(last4)s）", name=row.name, last4=row.last4))
        for row in payees
    ]
    if form.validate_on_submit():
        try:
            change_id = account_changes.propose_organisation_account.once(form.once.data)(
                organisation_id=form.organisation.data,
                holder=form.holder.data,
                number=form.number.data,
                bank=form.bank.data,
                cnaps=form.cnaps.data or "",
                reason=form.reason.data,
                actor=current_actor(),
                now=clock.now(),
            )
        except Refusal as refusal:
            form.refuse(refusal)
        else:
            flash(_("已提出，请另一位同事复核。之前仍打到原来的账户。"), "ok")
            return redirect(url_for("accounts.show", change_id=change_id), code=303)
    return render_template("organisations/account_new.html", form=form), form.status


@bp.get("/<change_id>")
@requires(P.ACCOUNT_CONFIRM, P.ACCOUNT_PROPOSE)
def show(change_id: str) -> ResponseReturnValue:
    """One proposal."""
    return _page(change_id)


@bp.post("/<change_id>/confirm")
@requires(P.ACCOUNT_CONFIRM)
def confirm(change_id: str) -> ResponseReturnValue:
    """Confirm it, as another person than who proposed it."""
    form = ConfirmForm()
    if form.validate_on_submit():
        try:
            account_changes.confirm_account.once(form.once.data)(
                change_id=change_id,
                last4=form.last4.data,
                actor=current_actor(),
                now=clock.now(),
            )
        except Refusal as refusal:
            form.refuse(refusal)
        else:
            flash(_("已更换，以后打到新账户。"), "ok")
            return redirect(url_for("accounts.show", change_id=change_id), code=303)
    return _page(change_id, confirm=form)


@bp.post("/<change_id>/decline")
@requires(P.ACCOUNT_CONFIRM)
def decline(change_id: str) -> ResponseReturnValue:
    """Decline it, with a reason."""
    form = ReasonForm()
    if form.validate_on_submit():
        try:
            account_changes.decline_account.once(form.once.data)(
                change_id=change_id,
                reason=form.reason.data,
                actor=current_actor(),
                now=clock.now(),
            )
        except Refusal as refusal:
            form.refuse(refusal)
        else:
            flash(_("没有采用，仍用原来的账户。"), "ok")
            return redirect(url_for("accounts.show", change_id=change_id), code=303)
    return _page(change_id, decline=form)


@bp.post("/<change_id>/look")
@requires(P.ACCOUNT_CONFIRM)
def look(change_id: str) -> ResponseReturnValue:
    """Show the whole number this once, for a reason that goes into the log."""
    form = ReasonForm()
    if form.validate_on_submit():
        try:
            number = account_changes.look_at_change(
                change_id=change_id,
                reason=form.reason.data,
                actor=current_actor(),
                now=clock.now(),
            )
        except Refusal as refusal:
            form.refuse(refusal)
        else:
            return _page(change_id, number=number)
    return _page(change_id, look=form)


def _page(
    change_id: str,
    *,
    confirm: ConfirmForm | None = None,
    decline: ReasonForm | None = None,
    look: ReasonForm | None = None,
    number: str = "",
) -> ResponseReturnValue:
    forms = {
        "confirm": confirm or ConfirmForm(formdata=None),
        "decline": decline or ReasonForm(formdata=None),
        "look": look or ReasonForm(formdata=None),
    }
    for name, form in forms.items():
        form.apart(name)
    answer = make_response(
        render_template(
            "organisations/account_change.html",
            page=account_queries.change(fresh_reading(), change_id, current_actor()),
            forms=forms,
            number=number,
        ),
        max(form.status for form in forms.values()),
    )
    answer.headers["Cache-Control"] = "no-store"
    return answer
