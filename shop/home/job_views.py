"""The page of a job: how far it is, and where it leads when it is done."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from flask import Blueprint, make_response, render_template
from flask.typing import ResponseReturnValue

from shop.core.labels import N_
from shop.home.job_queries import JobRow, job
from shop.organisations.acting import current_actor, signed_in
from shop.web.views import reading

bp = Blueprint("jobs", __name__, url_prefix="/jobs")

#: A page of a job that runs asks again after so many seconds.
AGAIN_AFTER = 2


class Told(NamedTuple):
    """What a kind of job is called, and the address it leads to (None: nowhere)."""

    title: str
    leads_to: Callable[[JobRow], str | None]


_told: dict[str, Told] = {}


def tell(kind: str, title: str, leads_to: Callable[[JobRow], str | None]) -> None:
    """Say what a kind of job is called (a Chinese source sentence) and where it leads."""
    _told[kind] = Told(title, leads_to)


@bp.get("/<job_id>")
@signed_in
def show(job_id: str) -> ResponseReturnValue:
    """How far a job is; the page loads itself again until it has ended, also without JavaScript."""
    found = job(reading(), job_id, current_actor())
    told = _told.get(found.kind, Told(N_("任务"), lambda _job: None))
    answer = make_response(
        render_template("home/job.html", job=found, title=told.title, target=_target(told, found))
    )
    if not found.ended:
        answer.headers["Refresh"] = str(AGAIN_AFTER)
    return answer


def _target(told: Told, found: JobRow) -> Any:
    return told.leads_to(found) if found.ended else None
