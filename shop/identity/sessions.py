"""Flask-Login and our table of people, joined in one place."""

from __future__ import annotations

from flask import Flask
from flask_login import LoginManager, UserMixin, login_user
from sqlalchemy import select

from shop.identity.models import User
from shop.web.views import reading


class SignedIn(UserMixin):
    """A person as Flask-Login knows one; the session dies when `session_version` rises."""

    def __init__(self, row: User) -> None:
        self.row = row
        self.name = row.name

    def get_id(self) -> str:
        """What the session cookie carries."""
        return f"{self.row.public_id}:{self.row.session_version}"


def load(kept: str) -> SignedIn | None:
    """The person a session cookie names, unless signed out everywhere or switched off."""
    public_id, _, version = kept.partition(":")
    row = reading().execute(select(User).where(User.public_id == public_id)).scalar_one_or_none()
    if row is None or not row.active or str(row.session_version) != version:
        return None
    return SignedIn(row)


def let_in(public_id: str) -> None:
    """Begin a session for a person whose right to it has just been checked."""
    row = reading().execute(select(User).where(User.public_id == public_id)).scalar_one()
    login_user(SignedIn(row))


def register(app: Flask) -> None:
    """Install the login manager."""
    manager = LoginManager(app)
    manager.user_loader(load)
    manager.session_protection = "basic"
