"""The auditor: acts and approvals, journals and transfers, samples and exports. Read-only."""

from __future__ import annotations

import secrets
from urllib.parse import urlencode

from flask import Blueprint, Response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from shop.core.errors import NotFound
from shop.core.permissions import Permission
from shop.home import audit_queries, journal_queries
from shop.home.audit_exports import acts_sheet, transfers_sheet
from shop.home.audit_forms import ActFilterForm, JournalFilterForm, SampleForm
from shop.organisations.acting import current_actor, requires
from shop.printing.rows import CSV, XLSX, Sheet, as_csv, as_xlsx
from shop.web.views import reading

bp = Blueprint("audit", __name__, url_prefix="/audit")

_FORMATS = {"csv": (as_csv, CSV), "xlsx": (as_xlsx, XLSX)}


@bp.get("/")
@requires(Permission.AUDIT_READ)
def index() -> ResponseReturnValue:
    """Who did and approved what, the latest first."""
    form = _act_form(ActFilterForm)
    good = form.validate()
    found = audit_queries.acts(
        reading(),
        wanted=form.wanted if good else audit_queries.ActFilter(),
        page=_page(),
        actor=current_actor(),
    )
    page = render_template("home/audit/index.html", form=form, acts=found, asked=_asked())
    return page, 200 if good else 422


@bp.get("/things/<thing>")
@requires(Permission.AUDIT_READ, Permission.PLATFORM_READ)
def thing(thing: str) -> ResponseReturnValue:
    """Everything that was done to one thing, and the journals it caused."""
    tx, actor = reading(), current_actor()
    done = audit_queries.history(tx, thing=thing, actor=actor)
    posted = journal_queries.journals_about(tx, thing=thing, actor=actor)
    belongs = audit_queries.related(tx, thing=thing, actor=actor)
    if not (done or posted or belongs):
        raise NotFound()
    return render_template(
        "home/audit/thing.html", thing=thing, acts=done, journals=posted, related=belongs
    )


@bp.get("/sample")
@requires(Permission.AUDIT_READ)
def sample() -> ResponseReturnValue:
    """A random sample of acts that anybody can draw again from its seed."""
    form = _act_form(SampleForm)
    if not form.validate():
        return render_template("home/audit/sample.html", form=form, sample=None), 422
    if not form.seed.data:
        again = {**_asked(), "seed": secrets.token_hex(4), "size": str(form.size.data or 25)}
        return redirect(f"{url_for('audit.sample')}?{urlencode(again)}", code=303)
    drawn = audit_queries.sample(
        reading(),
        wanted=form.wanted,
        seed=form.seed.data,
        size=form.size.data or 25,
        actor=current_actor(),
    )
    return render_template("home/audit/sample.html", form=form, sample=drawn)


@bp.get("/acts.<kind>")
@requires(Permission.AUDIT_READ)
def export_acts(kind: str) -> ResponseReturnValue:
    """What the filter finds, as a file that states the filter."""
    form = _act_form(ActFilterForm)
    if not form.validate():
        return redirect(f"{url_for('audit.index')}?{urlencode(_asked())}", code=303)
    found = audit_queries.all_acts(reading(), wanted=form.wanted, actor=current_actor())
    return _file(acts_sheet(found, form.wanted), kind, "acts")


@bp.get("/journals")
@requires(Permission.PLATFORM_READ, Permission.AUDIT_READ)
def journals() -> ResponseReturnValue:
    """Journals, the latest first."""
    form = JournalFilterForm(request.args)
    good = form.validate()
    found = journal_queries.journals(
        reading(),
        wanted=form.wanted if good else journal_queries.JournalFilter(),
        page=_page(),
        actor=current_actor(),
    )
    page = render_template("home/audit/journals.html", form=form, journals=found, asked=_asked())
    return page, 200 if good else 422


@bp.get("/journals/<journal_id>")
@requires(Permission.PLATFORM_READ, Permission.AUDIT_READ)
def journal(journal_id: str) -> ResponseReturnValue:
    """One journal with its transfers."""
    found = journal_queries.journal(reading(), journal_id=journal_id, actor=current_actor())
    return render_template("home/audit/journal.html", journal=found)


@bp.get("/transfers.<kind>")
@requires(Permission.PLATFORM_READ, Permission.AUDIT_READ)
def export_transfers(kind: str) -> ResponseReturnValue:
    """The transfers of the journals the filter finds, as a file that states the filter."""
    form = JournalFilterForm(request.args)
    if not form.validate():
        return redirect(f"{url_for('audit.journals')}?{urlencode(_asked())}", code=303)
    found = journal_queries.all_transfers(reading(), wanted=form.wanted, actor=current_actor())
    return _file(transfers_sheet(found, form.wanted), kind, "transfers")


def _act_form(kind: type[ActFilterForm]) -> ActFilterForm:
    form = kind(request.args)
    tx, actor = reading(), current_actor()
    form.offer(audit_queries.kinds(tx, actor=actor), audit_queries.organisations(tx, actor=actor))
    return form


def _page() -> int:
    return request.args.get("page", 1, type=int)


def _asked() -> dict[str, str]:
    """The filter as it stands in the address, without the page and for whom the reader acts."""
    left_out = ("page", "organisation")
    return {name: value for name, value in request.args.items() if name not in left_out and value}


def _file(sheet: Sheet, kind: str, name: str) -> ResponseReturnValue:
    if kind not in _FORMATS:
        raise NotFound()
    write, media_type = _FORMATS[kind]
    answer = Response(write(sheet), content_type=media_type)
    answer.headers.set("Content-Disposition", "attachment", filename=f"{name}.{kind}")
    return answer
