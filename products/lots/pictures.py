"""Flow charts as `templates/ui/flow_chart.html` draws them: places, words, links."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from flask import url_for
from flask_babel import gettext as _

from products.lots.flow import Chart
from products.lots.graph_queries import Graph, Group
from products.lots.states import LotKind
from shop.web.filters import kg, label

#: Which colour and hatch each kind of lot has.
SERIES = {
    LotKind.DELIVERY: 1,
    LotKind.PROCESSED: 2,
    LotKind.BLEND: 3,
    LotKind.PART: 5,
    LotKind.BYPRODUCT: 5,
    LotKind.PACKED: 4,
}


class Words(NamedTuple):
    """What stands in a box: two short lines, the whole of it for readers, where it leads."""

    title: str
    note: str
    full: str
    href: str | None
    series: int
    here: bool = False


def drawn(chart: Chart, words: Callable[[str], Words]) -> dict[str, Any]:
    """A chart as the component takes it; `words` says what stands in the box of a key."""
    said = {box.key: words(box.key) for box in chart.boxes}
    return {
        "width": chart.width,
        "height": chart.height,
        "boxes": [
            {
                "x": box.x,
                "y": box.y,
                "width": box.width,
                "height": box.height,
                **said[box.key]._asdict(),
            }
            for box in chart.boxes
        ],
        "bands": [
            {
                "path": band.path,
                "series": said[band.source].series,
                "full": _(
                    "%(source)s 到 %(target)s：%(weight)s",
                    source=said[band.source].title,
                    target=said[band.target].title,
                    weight=kg(band.grams),
                ),
            }
            for band in chart.bands
        ],
    }


def of_lots(graph: Graph) -> dict[str, Any]:
    """The graph around one lot."""
    return drawn(graph.chart, lambda key: _of_group(graph.groups[key]))


def _of_group(group: Group) -> Words:
    first, weight = group.first, kg(group.grams)
    kind = label(first.kind)
    note = _("%(kind)s %(weight)s", kind=kind, weight=weight)
    if len(group.lots) == 1:
        return Words(
            title=short(first.number),
            note=note,
            full=f"{first.number} {first.name} {note}",
            href=None if group.here else url_for("lots.show", lot_id=first.public_id),
            series=SERIES[first.kind],
            here=group.here,
        )
    title = _("%(count)s 批", count=len(group.lots))
    full = _(
        "%(kind)s %(count)s 批，%(first)s 至 %(last)s，共 %(weight)s",
        kind=kind,
        count=len(group.lots),
        first=first.number,
        last=group.lots[-1].number,
        weight=weight,
    )
    return Words(title, note, full, None, SERIES[first.kind])


def short(number: str) -> str:
    """A lot's number without its cooperative: SG-SCTH-2026-00012 is SG 2026-00012."""
    series, _code, rest = number.split("-", 2)
    return f"{series} {rest}"
