"""Doors of views, and what every request carries: a read-only session and a language."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from flask import (
    Blueprint,
    Flask,
    Response,
    g,
    make_response,
    redirect,
    request,
    session,
    url_for,
)
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from shop.core import db

V = TypeVar("V", bound=Callable[..., Any])

LANGUAGES = {"zh": "中文", "en": "English"}

bp = Blueprint("web", __name__)


def open_to_all(view: V) -> V:
    """Mark a view that needs no permission; every other view states one with `requires`."""
    view.shop_door = "open"  # type: ignore[attr-defined]
    return view


def reading() -> Session:
    """The request's session for reading; queries get this, commands open their own."""
    if "reading" not in g:
        g.reading = db.database().reader()
    session: Session = g.reading
    return session


def fresh_reading() -> Session:
    """A new reading session, when a command has run earlier in the same request."""
    _close()
    return reading()


def revalidated(page: str) -> Response:
    """A page the browser may keep but asks about each time; unchanged, it is not sent again."""
    response = make_response(page)
    response.headers["Cache-Control"] = "private, no-cache"
    response.add_etag()
    response.make_conditional(request)
    return response


def language() -> str:
    """The reader's language: chosen, else Chinese."""
    chosen = session.get("language", "zh")
    return chosen if chosen in LANGUAGES else "zh"


def safe_next(default: str) -> str:
    """Where to go on to: the `next` parameter when it is a path of ours, else `default`."""
    target = request.values.get("next", "")
    # Browsers drop tabs and line ends and read a backslash as a slash: /<tab>/ would be //.
    plain = target.isprintable() and "\\" not in target
    return target if plain and target.startswith("/") and not target.startswith("//") else default


@bp.get("/language/<lang>")
@open_to_all
def choose_language(lang: str) -> ResponseReturnValue:
    """Remember a language and go back to where the reader was."""
    if lang in LANGUAGES:
        session["language"] = lang
    return redirect(safe_next(url_for("home.front")), code=303)


def _close(_error: BaseException | None = None) -> None:
    reader: Session | None = g.pop("reading", None)
    if reader is not None:
        reader.close()


def register(app: Flask) -> None:
    """Close the reading session at the end of each request; offer the language switch."""
    app.teardown_request(_close)
    app.register_blueprint(bp)
