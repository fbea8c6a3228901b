"""Making people known, and letting them in."""

from __future__ import annotations

import hashlib
import secrets
from datetime import datetime, timedelta

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from shop.core.commands import command
from shop.core.errors import Refusal
from shop.core.labels import N_
from shop.identity import doors
from shop.identity.models import SignInLink, User
from shop.identity.passwords import hashed, matches

LINK_LIFE = timedelta(hours=72)


class EmailTaken(Refusal):
    """Somebody signs in with this address already."""

    code = "email_taken"
    sentence = N_("这个邮箱已经登记过了。")
    field = "email"


class LinkSpent(Refusal):
    """A sign-in link that is unknown, used or too old."""

    code = "link_spent"
    sentence = N_("这个登录链接已用过或已过期，请向单位经办人要一个新的。")
    status = 410


@command
def register_user(
    tx: Session, *, name: str, email: str, password: str | None, now: datetime
) -> str:
    """Make a person known; without a password they sign in by link. Returns the public id.

    Raises:
        EmailTaken: the address is in use.
    """
    del now
    return add_user(tx, name=name, email=email, password=password).public_id


def add_user(tx: Session, *, name: str, email: str, password: str | None) -> User:
    """The step behind `register_user`, for commands that make people known by the way."""
    email = email.strip().lower()
    if tx.execute(select(User.id).where(User.email == email)).first():
        raise EmailTaken()
    user = User(name=name, email=email, password_hash=hashed(password) if password else None)
    tx.add(user)
    tx.flush()
    return user


@command
def sign_in(tx: Session, *, email: str, password: str, now: datetime) -> str | None:
    """Check a password and return the person's public id, or None when it is wrong.

    None rather than a refusal, so that the wrong try is remembered and not rolled back. The
    answer for an unknown address is the same and takes as long.

    Raises:
        DoorClosed: too many wrong tries for this address lately.
    """
    email = email.strip().lower()
    door = f"sign-in:{email}"
    doors.require_open(tx, door, now)
    user = tx.execute(select(User).where(User.email == email)).scalar_one_or_none()
    if not matches(user.password_hash if user else None, password) or not (user and user.active):
        doors.count_wrong(tx, door, now)
        return None
    doors.forget_wrong(tx, door)
    return user.public_id


@command
def make_link(tx: Session, *, user_id: str, now: datetime) -> str:
    """A fresh token that signs a person in once within three days; shown or sent once."""
    user = tx.execute(select(User).where(User.public_id == user_id)).scalar_one()
    token = secrets.token_urlsafe(24)
    tx.add(
        SignInLink(
            user_id=user.id, token_hash=_hash(token), made_at=now, expires_at=now + LINK_LIFE
        )
    )
    return token


@command
def sign_in_by_link(tx: Session, *, token: str, now: datetime) -> str:
    """Use up a link and return the person's public id.

    Raises:
        LinkSpent: unknown, used or expired.
    """
    link = tx.execute(
        select(SignInLink).where(SignInLink.token_hash == _hash(token)).with_for_update()
    ).scalar_one_or_none()
    if link is None or link.used_at is not None or link.expires_at <= now:
        raise LinkSpent()
    link.used_at = now
    return tx.get_one(User, link.user_id).public_id


@command
def end_sessions(tx: Session, *, user_id: str, now: datetime) -> None:
    """Sign a person out everywhere."""
    del now
    tx.execute(
        update(User)
        .where(User.public_id == user_id)
        .values(session_version=User.session_version + 1)
    )


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
