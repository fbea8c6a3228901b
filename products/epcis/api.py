"""The REST binding of EPCIS 2.0: capturing and querying events, for programs with a key.

Every answer is JSON; a refusal is problem details (RFC 9457) with the standard's exception as type.
"""

from __future__ import annotations

from urllib.parse import quote

from flask import Blueprint, Response, current_app, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import HTTPException

from products.epcis import asking, commands, intake, json_text, queries
from products.epcis.answers import (
    capture_job,
    collection,
    document_of,
    event_with_context,
    json_answer,
    problem,
    query_document,
    stamped,
    understood,
)
from products.epcis.asking import Question
from products.epcis.rules import EVENT_TYPES, MAX_BYTES, bare
from shop.core import clock
from shop.core.errors import Refusal
from shop.core.permissions import Permission as P
from shop.organisations.acting import current_actor
from shop.organisations.api import key_organisation, with_key
from shop.organisations.models import OrganisationKind
from shop.web.register import csrf
from shop.web.views import fresh_reading, reading

bp = Blueprint("epcis", __name__, url_prefix="/epcis")
bp.before_request(understood)
bp.after_request(stamped)

RESOURCES = "any(epcs, eventTypes, bizSteps, dispositions, bizLocations, readPoints)"


@bp.errorhandler(Refusal)
def refused(refusal: Refusal) -> ResponseReturnValue:
    """A refusal as problem details."""
    return problem(refusal)


@bp.errorhandler(HTTPException)
def failed(error: HTTPException) -> ResponseReturnValue:
    """What Flask itself refuses: a body that is too long, a method that is not there."""
    return problem(intake.too_large()) if error.code == 413 else error.get_response()


@bp.post("/capture")
@csrf.exempt
@with_key(P.EVENT_CAPTURE)
def capture() -> ResponseReturnValue:
    """Take a document of events, whole or not at all."""
    capture_id = _captured(intake.document(_body()))
    answer = json_answer("", 202)
    answer.headers["Location"] = url_for("epcis.job", capture_id=capture_id, _external=True)
    return answer


@bp.get("/capture")
@with_key(P.EVENT_CAPTURE)
def jobs() -> ResponseReturnValue:
    """What the organisation sent, the latest first."""
    most, token = _paging()
    rows = queries.captures(reading(), key_organisation().id, _key_in(token), most + 1)
    answer = json_answer(json_text.write([capture_job(row) for row in rows[:most]]))
    return _linked(answer, str(rows[most - 1].id) if len(rows) > most else None)


@bp.get("/capture/<capture_id>")
@with_key(P.EVENT_CAPTURE)
def job(capture_id: str) -> ResponseReturnValue:
    """What came of one capture."""
    row = queries.capture(reading(), capture_id, key_organisation().id)
    return json_answer(json_text.write(capture_job(row)))


@bp.post("/events")
@csrf.exempt
@with_key(P.EVENT_CAPTURE)
def capture_event() -> ResponseReturnValue:
    """Take one event by itself."""
    taken = intake.event(_body())
    capture_id = _captured(taken)
    row = queries.capture(fresh_reading(), capture_id, key_organisation().id)
    if row.faults:
        return problem(commands.EventIdTaken())
    answer = json_answer("", 201)
    answer.headers["Location"] = _address("events", taken.events[0].event_id)
    return answer


@bp.get("/events")
@with_key(P.EVENT_READ)
def events() -> ResponseReturnValue:
    """The events a query asks for, page by page."""
    return _answered(asking.read(request.args.items(multi=True)))


@bp.get("/events/<path:event_id>")
@with_key(P.EVENT_READ)
def event(event_id: str) -> ResponseReturnValue:
    """One event."""
    _tell()
    return json_answer(event_with_context(queries.event(reading(), event_id, _whose())))


@bp.get("/eventTypes")
@with_key(P.EVENT_READ)
def event_types() -> ResponseReturnValue:
    """The types of the standard, whether there are such events or not."""
    return json_answer(collection(EVENT_TYPES))


@bp.get(f"/<{RESOURCES}:resource>")
@with_key(P.EVENT_READ)
def values(resource: str) -> ResponseReturnValue:
    """Which EPCs, steps, dispositions or places the events name, in order."""
    _tell()
    most, token = _paging()
    found = queries.values(reading(), resource, _whose(), token or "", most + 1)
    answer = json_answer(collection(found[:most]))
    return _linked(answer, found[most - 1] if len(found) > most else None)


@bp.get(f"/<{RESOURCES}:resource>/<path:value>")
@with_key(P.EVENT_READ)
def value(resource: str, value: str) -> ResponseReturnValue:
    """What can be asked about one value: its events."""
    del resource, value
    return json_answer(collection(("events",)))


@bp.get(f"/<{RESOURCES}:resource>/<path:value>/events")
@with_key(P.EVENT_READ)
def events_of(resource: str, value: str) -> ResponseReturnValue:
    """The events that name one EPC, step, disposition, place or are of one type."""
    question = asking.read(request.args.items(multi=True))
    if resource == "epcs":
        return _answered(question.with_named(value))
    return _answered(question.with_equal(queries.COLUMNS[resource], bare(value)))


@bp.get("/export")
@with_key(P.EVENT_READ)
def export() -> ResponseReturnValue:
    """Every step of one lot and of everything behind it, as one document."""
    lot = request.args.get("lot", "")
    if not lot:
        raise asking.BadQuestion(name="lot", value="")
    _tell()
    found = queries.lot_events(
        reading(),
        lot=lot,
        public_url=current_app.config["SHOP"].public_url,
        actor=current_actor(),
        needs=P.EVENT_READ,
    )
    return json_answer(document_of(found.bodies, clock.now()))


def _answered(question: Question) -> Response:
    _tell()
    page = queries.events(reading(), question, _whose())
    answer = json_answer(query_document(page.bodies, clock.now()))
    return _linked(answer, asking.token_of(page.after) if page.after else None)


def _captured(taken: intake.Intake) -> str:
    return commands.capture(
        intake=taken,
        organisation_id=key_organisation().id,
        actor=current_actor(),
        now=clock.now(),
    )


def _body() -> bytes:
    if request.mimetype not in ("application/json", "application/ld+json"):
        raise intake.NotJsonLd(given=request.mimetype or "–")
    if request.headers.get("GS1-Capture-Error-Behaviour", "rollback") != "rollback":
        raise intake.OnlyRollback()
    request.max_content_length = MAX_BYTES
    return request.get_data(cache=False)


def _whose() -> int | None:
    """Whose events may be seen: the key's organisation's; the platform sees all."""
    row = key_organisation()
    return None if row.kind is OrganisationKind.PLATFORM else row.id


def _tell() -> None:
    """Let the answer know the latest facts; mostly there are none the timetable left over."""
    if queries.waiting(reading()):
        commands.project_all(current_app.config["SHOP"].public_url, clock.now())
        fresh_reading()


def _paging() -> tuple[int, str | None]:
    question = asking.read((n, v) for n, v in request.args.items(multi=True) if n == "perPage")
    unknown = [name for name in request.args if name not in asking.PAGING]
    if unknown:
        raise asking.UnknownParameter(name=unknown[0][:80])
    return question.per_page, request.args.get("nextPageToken")


def _key_in(token: str | None) -> int | None:
    if token is None:
        return None
    if not (token.isascii() and token.isdigit() and len(token) < 19):
        raise asking.BadQuestion(name="nextPageToken", value=token[:80])
    return int(token)


def _linked(answer: Response, token: str | None) -> Response:
    if token is not None:
        given = [(n, t) for n, t in request.args.items(multi=True) if n != "nextPageToken"]
        query = "&".join(f"{n}={quote(t, safe='')}" for n, t in [*given, ("nextPageToken", token)])
        answer.headers["Link"] = f'<{request.base_url}?{query}>; rel="next"'
    return answer


def _address(resource: str, value: str) -> str:
    return f"{request.root_url.rstrip('/')}{bp.url_prefix}/{resource}/{quote(value, safe='')}"
