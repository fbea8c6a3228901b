"""The name an event has by its content (CBV 2.0 event hash), for events that bring none.

The algorithm is the standard's reference implementation. It is kept from the network, from what it
remembered of the document before, and from two threads at once. It looks at one event at a time,
so that a hash never depends on the neighbours in a document.
"""

from __future__ import annotations

import hashlib
import json
import threading
from importlib.resources import files
from typing import Any

from epcis_event_hash_generator import hash_generator, json_to_py
from pyld import jsonld

from products.epcis.json_text import sorted_text, write

#: Where the standard's own vocabulary is described; every document names one of these.
STANDARD_CONTEXT = "https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld"
STANDARD_CONTEXTS = (
    STANDARD_CONTEXT,
    "https://ref.gs1.org/standards/epcis/epcis-context.jsonld",
    "https://gs1.github.io/EPCIS/epcis-context.jsonld",
)
_KEPT = "e532647e8eb371379b8b0e8602d8981c8566bc60f7351f22c76a5bc865962008.jsonld"

_one_at_a_time = threading.Lock()


def event_hash(event: dict[str, Any], contexts: list[Any]) -> str:
    """The URI an event is known by when nobody gave it an eventID.

    Args:
        event: one event of a valid document.
        contexts: the contexts it stands in; those that are kept elsewhere are not fetched, and
            only prefixes are taken from the others.

    Returns:
        ``ni:///sha-256;…?ver=CBV2.0``; for an event the reference implementation cannot read,
        ``?ver=content`` and the hash of its JSON with names sorted.
    """
    prefixes = {
        name: value
        for context in contexts
        if isinstance(context, dict)
        for name, value in context.items()
        if isinstance(value, str) and not name.startswith("@")
    }
    try:
        return _by_the_standard(event, prefixes)
    except Exception:  # whatever it stumbles over, the event is valid and has to get a name
        content = sorted_text({"event": event, "prefixes": prefixes})
        return f"ni:///sha-256;{hashlib.sha256(content.encode()).hexdigest()}?ver=content"


def _by_the_standard(event: dict[str, Any], prefixes: dict[str, str]) -> str:
    plain = json.loads(write({name: value for name, value in event.items() if name != "@context"}))
    document = {
        "@context": [STANDARD_CONTEXT, prefixes],
        "type": "EPCISDocument",
        "epcisBody": {"eventList": [plain]},
    }
    with _one_at_a_time:
        json_to_py._namespaces = {}
        found = json_to_py.event_list_from_epcis_document_json(document)
        hashes: list[str] = hash_generator.epcis_hashes_from_events(found)
    return hashes[0]


def _from_the_package(url: str, _options: dict[str, Any] | None = None) -> dict[str, Any]:
    if url != STANDARD_CONTEXT:
        raise LookupError(url)
    return {
        "contentType": "application/ld+json",
        "contextUrl": None,
        "documentUrl": url,
        "document": _STANDARD,
    }


_STANDARD = json.loads(files("epcis_event_hash_generator").joinpath(_KEPT).read_text("utf-8"))
jsonld.set_document_loader(_from_the_package)
