"""Signing in and out."""

from __future__ import annotations

from flask import Blueprint, current_app, flash, redirect, render_template, session, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext
from flask_login import logout_user
from sqlalchemy import select
from wtforms import PasswordField, StringField
from wtforms.validators import Length

from shop.core import clock
from shop.core.errors import NotFound, Refusal
from shop.identity import commands
from shop.identity.models import User
from shop.identity.sessions import let_in
from shop.web.forms import ShopForm, required
from shop.web.views import open_to_all, reading, safe_next

bp = Blueprint("identity", __name__)


class SignInForm(ShopForm):
    """Address and password."""

    email = StringField(
        lazy_gettext("邮箱"),
        [required(), Length(max=254)],
        render_kw={"autocomplete": "username", "inputmode": "email"},
    )
    password = PasswordField(
        lazy_gettext("密码"),
        [required(), Length(max=128)],
        render_kw={"autocomplete": "current-password"},
    )


@bp.route("/sign-in", methods=["GET", "POST"])
@open_to_all
def sign_in() -> ResponseReturnValue:
    """Sign in by password; in demo mode, each demo role by one click."""
    form = SignInForm()
    if form.validate_on_submit():
        try:
            who = commands.sign_in(
                email=form.email.data or "", password=form.password.data or "", now=clock.now()
            )
        except Refusal as refusal:
            form.refuse(refusal)
        else:
            if who:
                return _enter(who)
            form.password.errors = [_("邮箱或密码不对。")]
            form.status = 422
    page = render_template(
        "identity/sign_in.html",
        form=form,
        demo_people=_demo_people(),
        next=safe_next(url_for("home.front")),
    )
    return page, form.status


@bp.post("/sign-in/demo/<user_id>")
@open_to_all
def sign_in_demo(user_id: str) -> ResponseReturnValue:
    """Enter as one of the demo roles; only in demo mode, only for those with a demo address."""
    if user_id not in [person.public_id for person in _demo_people()]:
        raise NotFound()
    return _enter(user_id)


@bp.get("/sign-in/link/<token>")
@open_to_all
def link(token: str) -> ResponseReturnValue:
    """Show a button for the link: previews by chat programs must not use it up."""
    return render_template("identity/link.html", form=ShopForm(), token=token)


@bp.post("/sign-in/link/<token>")
@open_to_all
def use_link(token: str) -> ResponseReturnValue:
    """Sign in by a link."""
    return _enter(commands.sign_in_by_link(token=token, now=clock.now()))


@bp.post("/sign-out")
@open_to_all
def sign_out() -> ResponseReturnValue:
    """End this session."""
    logout_user()
    session.clear()
    flash(_("您已退出登录。"))
    return redirect(url_for("home.front"), code=303)


def _enter(user_id: str) -> ResponseReturnValue:
    kept = {name: session[name] for name in ("language", "visitor") if name in session}
    session.clear()
    session.update(kept)
    let_in(user_id)
    return redirect(safe_next(url_for("home.start")), code=303)


def _demo_people() -> list[User]:
    if not current_app.config["SHOP"].demo:
        return []
    return list(
        reading()
        .execute(
            select(User)
            .where(User.email.like("%@demo.example"), User.password_hash.is_not(None))
            .order_by(User.id)
        )
        .scalars()
    )
