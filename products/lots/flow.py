"""Where boxes and bands of a flow chart lie: columns from left to right, widths by grams.

Pure: whole pixels from whole grams, the same picture for the same rows.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

WIDE, BETWEEN = 148, 40
#: The heaviest column is so tall; a box is at least tall enough for two lines of words.
TALL, LOW, APART = 240, 50, 14
THIN = 2


@dataclass(frozen=True, slots=True)
class Spot:
    """Something in a column: `key` names it, `grams` is what it weighs."""

    key: str
    column: int
    grams: int


@dataclass(frozen=True, slots=True)
class Stream:
    """So many grams from one spot to another in a later column."""

    source: str
    target: str
    grams: int


@dataclass(frozen=True, slots=True)
class Box:
    """A spot with its place."""

    key: str
    x: int
    y: int
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class Band:
    """A stream as the outline of a band, from box to box."""

    source: str
    target: str
    grams: int
    path: str


@dataclass(frozen=True, slots=True)
class Chart:
    """The whole picture."""

    width: int
    height: int
    boxes: tuple[Box, ...]
    bands: tuple[Band, ...]


def laid_out(spots: Sequence[Spot], streams: Sequence[Stream]) -> Chart:
    """Place spots and streams; streams that do not lead to a later column are left out.

    Args:
        spots: in the order in which they stand in their column, unless what they come from
            says otherwise.
    """
    column = {spot.key: spot.column for spot in spots}
    streams = [s for s in streams if column[s.source] < column[s.target]]
    most = max(
        (sum(s.grams for s in spots if s.column == c) for c in {s.column for s in spots}),
        default=1,
    )
    thick = {stream: max(THIN, stream.grams * TALL // max(1, most)) for stream in streams}
    heights = {spot.key: _height(spot, streams, thick, most) for spot in spots}
    boxes = _boxes(spots, streams, heights)
    bands = _bands(streams, thick, boxes)
    return Chart(
        width=max((box.x + box.width for box in boxes.values()), default=0),
        height=max((box.y + box.height for box in boxes.values()), default=0),
        boxes=tuple(boxes.values()),
        bands=tuple(bands),
    )


def _height(spot: Spot, streams: Sequence[Stream], thick: dict[Stream, int], most: int) -> int:
    into = sum(thick[s] for s in streams if s.target == spot.key)
    out = sum(thick[s] for s in streams if s.source == spot.key)
    return max(LOW, spot.grams * TALL // max(1, most), into, out)


def _boxes(
    spots: Sequence[Spot], streams: Sequence[Stream], heights: dict[str, int]
) -> dict[str, Box]:
    """Column after column; a spot stands about as high as what flows into it."""
    columns: dict[int, list[Spot]] = defaultdict(list)
    for spot in spots:
        columns[spot.column].append(spot)
    tall = max(
        (sum(heights[s.key] + APART for s in some) - APART for some in columns.values()), default=0
    )
    boxes: dict[str, Box] = {}
    for place, number in enumerate(sorted(columns)):
        some = columns[number]
        some.sort(key=lambda spot: _middle(spot, streams, boxes))
        y = (tall - sum(heights[s.key] + APART for s in some) + APART) // 2
        for spot in some:
            x = place * (WIDE + BETWEEN)
            boxes[spot.key] = Box(spot.key, x, y, WIDE, heights[spot.key])
            y += heights[spot.key] + APART
    return boxes


def _middle(spot: Spot, streams: Sequence[Stream], boxes: dict[str, Box]) -> int:
    before = [boxes[s.source] for s in streams if s.target == spot.key and s.source in boxes]
    return sum(box.y + box.height // 2 for box in before) // len(before) if before else 0


def _bands(
    streams: Sequence[Stream], thick: dict[Stream, int], boxes: dict[str, Box]
) -> list[Band]:
    """Bands leave and arrive one below the other, in the order of the boxes they lead to."""
    left: dict[Stream, int] = {}
    right: dict[Stream, int] = {}
    for key, box in boxes.items():
        out = sorted((s for s in streams if s.source == key), key=lambda s: boxes[s.target].y)
        into = sorted((s for s in streams if s.target == key), key=lambda s: boxes[s.source].y)
        for some, places in ((out, left), (into, right)):
            y = box.y + (box.height - sum(thick[s] for s in some)) // 2
            for stream in some:
                places[stream] = y
                y += thick[stream]
    return [
        Band(s.source, s.target, s.grams, _path(boxes, s, left[s], right[s], thick[s]))
        for s in streams
    ]


def _path(boxes: dict[str, Box], stream: Stream, start: int, end: int, thick: int) -> str:
    x1 = boxes[stream.source].x + boxes[stream.source].width
    x2 = boxes[stream.target].x
    half = (x1 + x2) // 2
    return (
        f"M{x1} {start}C{half} {start} {half} {end} {x2} {end}V{end + thick}"
        f"C{half} {end + thick} {half} {start + thick} {x1} {start + thick}Z"
    )
