"""The page of an organisation's API keys."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext
from wtforms import SelectChoice, SelectField, StringField
from wtforms.validators import Length

from shop.core import clock
from shop.core.errors import NotAllowed, Refusal
from shop.core.permissions import Permission as P
from shop.identity import keys
from shop.organisations.acting import (
    current_actor,
    current_organisation,
    my_organisations,
    requires,
)
from shop.organisations.queries import OrganisationRow
from shop.web.forms import ShopForm, required
from shop.web.views import fresh_reading, reading

bp = Blueprint("api_keys", __name__, url_prefix="/api-keys")


class KeyForm(ShopForm):
    """What a key is for, and how long it is in force."""

    name = StringField(lazy_gettext("名字"), [required(), Length(max=64)])
    days = SelectField(
        lazy_gettext("有效期"),
        coerce=int,
        choices=[
            SelectChoice(90, lazy_gettext("90 天")),
            SelectChoice(365, lazy_gettext("一年")),
            SelectChoice(0, lazy_gettext("直到停用")),
        ],
        default=365,
    )


@bp.route("/", methods=["GET", "POST"])
@requires(P.API_KEY_MANAGE)
def index() -> ResponseReturnValue:
    """The keys of the organisation; issue one, which is shown this once."""
    organisation, form, issued = _organisation(), KeyForm(), None
    if form.validate_on_submit():
        try:
            issued = keys.issue(
                organisation_id=organisation.id,
                name=form.name.data or "",
                days=form.days.data or None,
                actor=current_actor(),
                now=clock.now(),
            )
        except Refusal as refusal:
            form.refuse(refusal)
        else:
            form = KeyForm(formdata=None)
    page = render_template(
        "organisations/api_keys.html",
        organisation=organisation,
        form=form,
        issued=issued,
        keys=keys.listed(
            fresh_reading() if issued else reading(),
            organisation.id,
            current_actor(),
            clock.now(),
        ),
        plain=ShopForm(formdata=None),
    )
    return page, form.status


@bp.post("/<key_id>/revocation")
@requires(P.API_KEY_MANAGE)
def revoke(key_id: str) -> ResponseReturnValue:
    """End a key."""
    form = ShopForm()
    keys.revoke.once(form.once.data)(key_id=key_id, actor=current_actor(), now=clock.now())
    flash(_("钥匙已停用，用它的程序从现在起进不来。"))
    return redirect(url_for("api_keys.index"), code=303)


def _organisation() -> OrganisationRow:
    """The organisation the person acts for, if keys are theirs to manage there; else where so."""
    actor, chosen = current_actor(), current_organisation()
    for row in (chosen, *(row for row, _roles in my_organisations())):
        if actor.may(P.API_KEY_MANAGE, row.id):
            return row
    raise NotAllowed()
