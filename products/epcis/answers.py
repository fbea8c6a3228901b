"""Answers in the words of the EPCIS REST binding: documents, jobs, collections, problems."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from flask import Response, request
from flask_babel import force_locale, gettext

from products.epcis import asking, commands, intake, json_text, queries
from products.epcis.contexts import with_standard
from products.epcis.hashing import STANDARD_CONTEXT
from products.epcis.queries import CaptureRow
from products.epcis.rules import MAX_BYTES, MAX_EVENTS, timestamp
from shop.core.errors import NotAllowed, NotFound, Refusal
from shop.core.labels import N_
from shop.identity.keys import KeyRefused
from shop.web.forms import sentence_of

VERSION = "2.0.0"
HEADERS = {
    "GS1-EPCIS-Version": VERSION,
    "GS1-EPCIS-Min": VERSION,
    "GS1-EPCIS-Max": VERSION,
    "GS1-CBV-Version": VERSION,
    "GS1-EPC-Format": "No_Preference",
    "GS1-CBV-XML-Format": "No_Preference",
}
CAPTURE_HEADERS = {
    "GS1-EPCIS-Capture-Limit": str(MAX_EVENTS),
    "GS1-EPCIS-Capture-File-Size-Limit": str(MAX_BYTES),
    "GS1-Capture-Error-Behaviour": "rollback",
}


class NotSpoken(Refusal):
    """A version of the standard, or a form of answer, that we do not speak."""

    code = "not_spoken"
    sentence = N_("这里只会说 EPCIS 2.0，只答 JSON-LD。")
    status = 406


#: What the standard calls a refusal; a validation exception when nothing else fits.
EXCEPTIONS: dict[type[Refusal], str] = {
    KeyRefused: "SecurityException",
    NotAllowed: "SecurityException",
    NotFound: "NoSuchResourceException",
    asking.BadQuestion: "QueryParameterException",
    asking.UnknownParameter: "QueryParameterException",
    queries.TooMany: "QueryTooLargeException",
    intake.TooLarge: "CaptureLimitExceededException",
    intake.NotJsonLd: "UnsupportedMediaTypeException",
    NotSpoken: "NotAcceptableException",
    commands.EventIdTaken: "ResourceAlreadyExistsException",
}
VALIDATION = "ValidationException"


def json_answer(text: str, status: int = 200) -> Response:
    """JSON-LD, or an empty answer."""
    return Response(text, status=status, mimetype="application/ld+json" if text else None)


def query_document(bodies: Iterable[str], now: datetime) -> str:
    """Events (JSON texts) as the answer to a query."""
    return (
        f'{_head("EPCISQueryDocument", now)},"epcisBody":{{"queryResults":'
        f'{{"queryName":"SimpleEventQuery","resultsBody":{_event_list(bodies)}}}}}}}'
    )


def document_of(bodies: Iterable[str], now: datetime) -> str:
    """Events (JSON texts) as a document that could be captured elsewhere."""
    return f'{_head("EPCISDocument", now)},"epcisBody":{_event_list(bodies)}}}'


def _head(kind: str, now: datetime) -> str:
    head = {
        "@context": [STANDARD_CONTEXT],
        "type": kind,
        "schemaVersion": "2.0",
        "creationDate": timestamp(now),
    }
    return json_text.write(head).removesuffix("}")


def _event_list(bodies: Iterable[str]) -> str:
    return f'{{"eventList":[{",".join(bodies)}]}}'


def event_with_context(body: str) -> str:
    """One event by itself, which has to bring its context."""
    event = json_text.read(body.encode())
    return json_text.write({"@context": with_standard([]), **event})


def collection(members: Sequence[str]) -> str:
    """A list of values or of what can be asked next."""
    return json_text.write(
        {"@context": STANDARD_CONTEXT, "type": "Collection", "member": list(members)}
    )


def capture_job(row: CaptureRow) -> dict[str, Any]:
    """A capture as the standard's job: it is finished as soon as it is there."""
    with force_locale(_language()):
        faults = [(path, gettext(said)) for path, said in row.faults]
    return {
        "captureID": row.public_id,
        "createdAt": timestamp(row.at),
        "finishedAt": timestamp(row.at),
        "running": False,
        "success": not faults,
        "captureErrorBehaviour": "rollback",
        "errors": [
            {
                "type": f"epcisException:{VALIDATION}",
                "title": "event_id_taken",
                "status": 409,
                "detail": said,
                "path": path,
            }
            for path, said in faults
        ],
    }


def problem(refusal: Refusal) -> Response:
    """A refusal as problem details, with each fault of a document and its path."""
    kind = EXCEPTIONS.get(type(refusal), VALIDATION)
    with force_locale(_language()):
        content: dict[str, Any] = {
            "type": f"epcisException:{kind}",
            "title": refusal.code,
            "status": refusal.status,
            "detail": sentence_of(refusal),
        }
        if isinstance(refusal, intake.NotEpcis):
            content["errors"] = [
                {"path": fault.path, "detail": gettext(fault.sentence) % fault.facts}
                for fault in refusal.faults
            ]
    answer = Response(
        json_text.write(content), status=refusal.status, mimetype="application/problem+json"
    )
    if refusal.status == 401:
        answer.headers["WWW-Authenticate"] = "Bearer"
    return answer


def understood() -> None:
    """Refuse a request that wants an answer we cannot give.

    Raises:
        NotSpoken: another version of the standard is wanted, or no JSON.
    """
    version = request.headers.get("GS1-EPCIS-Version", VERSION)
    accepted = request.accept_mimetypes
    json_is_fine = not accepted or accepted.best_match(("application/ld+json", "application/json"))
    if not version.startswith("2.") or not json_is_fine:
        raise NotSpoken()


def stamped(answer: Response) -> Response:
    """Say with every answer which versions are spoken, and with OPTIONS nothing else."""
    answer.headers.update(HEADERS)
    if request.endpoint == "epcis.capture" or request.method == "OPTIONS":
        answer.headers.update(CAPTURE_HEADERS)
    if request.method == "OPTIONS":
        answer.status_code = 204
    return answer


def _language() -> str:
    """Programs have no session: the language is the one they ask for, else Chinese."""
    best = request.accept_languages.best_match(["zh", "en"])
    return "en" if best == "en" else "zh_CN"
