"""What is shown when something is refused or breaks, and the headers every answer carries."""

from __future__ import annotations

import logging
import secrets

from flask import Flask, Response, g, render_template
from flask.typing import ResponseReturnValue
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException

from shop.core.errors import NotFound, Refusal
from shop.web.forms import sentence_of

log = logging.getLogger("shop")

CONTENT_SECURITY_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:;"
    " connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none';"
    " manifest-src 'self'; font-src 'self'"
)


def refused(refusal: Refusal) -> ResponseReturnValue:
    """A refusal no form could show: a page with its sentence."""
    return render_template(
        "errors/refusal.html", sentence=sentence_of(refusal), status=refusal.status
    ), refusal.status


def _not_found(_error: HTTPException) -> ResponseReturnValue:
    return refused(NotFound())


def _stale_form(_error: CSRFError) -> ResponseReturnValue:
    return render_template("errors/stale.html", status=400), 400


def _other(error: HTTPException) -> ResponseReturnValue:
    response = error.get_response()
    page = render_template("errors/http.html", status=error.code or 500)
    return page, error.code or 500, {"Allow": response.headers.get("Allow", "")}


def _surprise(error: Exception) -> ResponseReturnValue:
    log.exception("surprise %s", g.request_id, exc_info=error)
    return render_template("errors/surprise.html", request_id=g.request_id, status=500), 500


def _name_request() -> None:
    g.request_id = secrets.token_hex(4).upper()


def _headers(response: Response) -> Response:
    headers = response.headers
    headers.setdefault("Content-Security-Policy", CONTENT_SECURITY_POLICY)
    headers["X-Content-Type-Options"] = "nosniff"
    headers["Referrer-Policy"] = "same-origin"
    headers["Cross-Origin-Opener-Policy"] = "same-origin"
    headers["Permissions-Policy"] = "camera=(), geolocation=(), microphone=()"
    headers.setdefault("Cache-Control", "private, no-store")
    return response


def register(app: Flask) -> None:
    """Turn refusals into sentences, surprises into apologies, and set the headers."""
    app.before_request(_name_request)
    app.after_request(_headers)
    app.register_error_handler(Refusal, refused)
    app.register_error_handler(404, _not_found)
    app.register_error_handler(CSRFError, _stale_form)
    app.register_error_handler(HTTPException, _other)
    app.register_error_handler(Exception, _surprise)
