"""Pages of the mass balance: the whole, the lots behind a line, the file."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import Blueprint, Response, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from products.catalogue.states import Category
from products.lots import balance_queries, pictures, scope
from products.lots.balance_files import sheet
from products.lots.balance_rows import Balance, Stage
from products.lots.states import LotKind, Season
from shop.core import clock
from shop.core.errors import NotFound
from shop.core.permissions import Permission as P
from shop.organisations.acting import current_actor, requires
from shop.organisations.queries import OrganisationRow
from shop.printing.rows import CSV, XLSX, as_csv, as_xlsx
from shop.web.filters import either, kg, label
from shop.web.views import reading

bp = Blueprint("balance", __name__, url_prefix="/cooperative/mass-balance")

_FORMATS = {"csv": (as_csv, CSV), "xlsx": (as_xlsx, XLSX)}
_KINDS = {kind.value: kind for kind in LotKind}
_CATEGORIES = {category.value: category for category in Category}
_SEASONS = {season.value: season for season in Season}


@dataclass(frozen=True, slots=True)
class Choice:
    """What the page is about, as asked in the address."""

    offered: list[OrganisationRow]
    cooperative: OrganisationRow
    year: int
    season: Season

    @property
    def address(self) -> dict[str, Any]:
        """The same for another address."""
        own = {"cooperative": self.cooperative.public_id} if self.offered else {}
        return {"year": self.year, "season": self.season.value, **own}


@bp.get("/")
@requires(P.LOT_READ, P.AUDIT_READ)
def show() -> ResponseReturnValue:
    """From the harvest to what is left, and where it does not add up."""
    choice = _choice()
    today = clock.day_of(clock.now())
    balance = _balance(choice)
    return render_template(
        "products/lots/balance.html",
        choice=choice,
        balance=balance,
        pictures={stage.category: _picture(stage) for stage in balance.stages},
        years=balance_queries.years(reading(), choice.cooperative.id, today),
        seasons=list(Season),
    )


@bp.get("/lots")
@requires(P.LOT_READ, P.AUDIT_READ)
def lots() -> ResponseReturnValue:
    """The lots behind one line."""
    choice = _choice()
    kind = _KINDS.get(request.args.get("kind", ""), LotKind.DELIVERY)
    category = _CATEGORIES.get(request.args.get("category", ""), Category.TEA)
    found = balance_queries.lots_of(
        reading(),
        choice.cooperative.id,
        current_actor(),
        year=choice.year,
        season=choice.season,
        kind=kind,
        category=category,
        goods=request.args.get("goods", ""),
        grade=request.args.get("grade", ""),
    )
    names = current_actor().may(P.HOUSEHOLD_READ, choice.cooperative.id)
    return render_template(
        "products/lots/balance_lots.html", choice=choice, lots=found, kind=kind, names=names
    )


@bp.get("/file.<kind>")
@requires(P.LOT_READ, P.AUDIT_READ)
def export(kind: str) -> ResponseReturnValue:
    """The same as a file that says what it holds."""
    if kind not in _FORMATS:
        raise NotFound()
    choice = _choice()
    write, media_type = _FORMATS[kind]
    name = either(choice.cooperative.name, choice.cooperative.name_en)
    content = write(sheet(_balance(choice), name, choice.year, choice.season))
    answer = Response(content, content_type=media_type)
    file_name = f"mass-balance-{choice.cooperative.code}-{choice.year}.{kind}"
    answer.headers.set("Content-Disposition", "attachment", filename=file_name)
    return answer


def _choice() -> Choice:
    offered = scope.to_choose()
    cooperative = scope.chosen(offered) or offered[0]
    today = clock.day_of(clock.now())
    year = request.args.get("year", today.year, type=int)
    season = _SEASONS.get(request.args.get("season", ""), Season.YEAR)
    return Choice(offered, cooperative, year if 2000 <= year <= 2999 else today.year, season)


def _balance(choice: Choice) -> Balance:
    return balance_queries.balance(
        reading(),
        choice.cooperative.id,
        current_actor(),
        year=choice.year,
        season=choice.season,
        today=clock.day_of(clock.now()),
    )


def _picture(stage: Stage) -> dict[str, Any]:
    ends = {
        "sold": (_("已发出"), 4),
        "left": (_("还剩"), 1),
        "lost": (_("损耗与报损"), 2),
        "shrunk": (_("加工减重"), 3),
    }
    kinds = {kind.value: (label(kind), pictures.SERIES[kind]) for kind in LotKind}

    def words(key: str) -> pictures.Words:
        title, series = {**kinds, **ends}[key]
        weight = kg(stage.weights[key])
        return pictures.Words(title, weight, f"{title} {weight}", None, series)

    return pictures.drawn(stage.chart, words)
