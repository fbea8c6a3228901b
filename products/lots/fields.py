"""The field by which people choose lots and say how much of each goes in."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from flask_babel import gettext
from wtforms import Field, ValidationError

from products.lots.commands import StepsNotDone
from products.lots.rows import LotRow, StepRow
from products.lots.taking import NothingTaken
from shop.core.weight import grams_from_kg


@dataclass(frozen=True, slots=True)
class InputLine:
    """One lot on offer, as the person left it: ticked or not, the kilograms typed, its error."""

    lot: LotRow
    ticked: bool
    typed: str
    error: str

    @property
    def id(self) -> str:
        """The id of its box in the page."""
        return f"take-{self.lot.public_id}"


class InputsField(Field):
    """A tick and kilograms for each lot on offer; `data` is ((public lot id, grams), …).

    The view names the lots with `offer`. Only what is ticked counts; what was typed stays.
    """

    data: tuple[tuple[str, int], ...]
    lots: Sequence[LotRow] = ()
    ticked: frozenset[str] = frozenset()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.typed: dict[str, str] = {}
        self.bad: dict[str, str] = {}

    def offer(self, lots: Sequence[LotRow], ticked: frozenset[str] = frozenset()) -> None:
        """Show these lots; on a fresh page these of them are ticked."""
        self.lots = lots
        if self.raw_data is None:
            self.ticked = ticked

    def process(self, formdata: Any, *args: Any, **kwargs: Any) -> None:
        """Keep every weight that was typed, also of lots not ticked."""
        if formdata:
            self.typed = {
                key.removeprefix(f"{self.name}-"): formdata.get(key, "")[:16]
                for key in formdata
                if key.startswith(f"{self.name}-")
            }
        super().process(formdata, *args, **kwargs)

    def process_data(self, value: Any) -> None:
        """Nothing is chosen at first."""
        self.data = ()

    def process_formdata(self, valuelist: Sequence[str]) -> None:
        """Read the weight of every ticked lot; a bad one is an error in its row."""
        self.ticked = frozenset(valuelist)
        found: dict[str, int] = {}
        for lot_id in valuelist:
            try:
                found[lot_id] = grams_from_kg(self.typed.get(lot_id, ""))
            except ValueError:
                self.bad[lot_id] = gettext("请填公斤数，例如 20 或 20.5，最多三位小数。")
        self.data = tuple(found.items())
        if self.bad:
            raise ValidationError(gettext("有投料的公斤数没有填对。"))

    def pre_validate(self, form: Any) -> None:
        """Something has to be chosen; that each is more than nothing the command decides."""
        if not self.ticked:
            raise ValidationError(gettext(NothingTaken.sentence))

    def lines(self) -> list[InputLine]:
        """What the page shows: the lots on offer, each filled with what is left of it."""
        return [
            InputLine(
                lot,
                lot.public_id in self.ticked,
                self.typed.get(lot.public_id, lot.left_kg),
                self.bad.get(lot.public_id, ""),
            )
            for lot in self.lots
        ]


@dataclass(frozen=True, slots=True)
class StepLine:
    """One step on offer, as the person left it: ticked or not, and what was noted."""

    step: StepRow
    ticked: bool
    typed: str


class StepsField(Field):
    """A tick and a note for each step of a process; `data` is ((position, note), …).

    The view names the steps with `offer`. On a fresh page all are ticked.
    """

    data: tuple[tuple[int, str], ...]
    steps: Sequence[StepRow] = ()
    ticked: frozenset[str] = frozenset()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.typed: dict[str, str] = {}

    def offer(self, steps: Sequence[StepRow]) -> None:
        """Show these steps; what is no step of the process is dropped."""
        self.steps = steps
        known = {str(step.position) for step in steps}
        self.ticked = frozenset(known) if self.raw_data is None else self.ticked & known
        self.data = tuple(
            (step.position, self.typed.get(str(step.position), ""))
            for step in steps
            if str(step.position) in self.ticked
        )

    def process(self, formdata: Any, *args: Any, **kwargs: Any) -> None:
        """Keep every note that was typed, also of steps not ticked."""
        if formdata:
            self.typed = {
                key.removeprefix(f"{self.name}-"): formdata.get(key, "")[:200]
                for key in formdata
                if key.startswith(f"{self.name}-")
            }
        super().process(formdata, *args, **kwargs)

    def process_data(self, value: Any) -> None:
        """Nothing until the view offers the steps."""
        self.data = ()

    def process_formdata(self, valuelist: Sequence[str]) -> None:
        """Remember what was ticked."""
        self.ticked = frozenset(valuelist)

    def pre_validate(self, form: Any) -> None:
        """At least one step was done."""
        if not self.ticked:
            raise ValidationError(gettext(StepsNotDone.sentence))

    def lines(self) -> list[StepLine]:
        """What the page shows."""
        return [
            StepLine(
                step,
                str(step.position) in self.ticked,
                self.typed.get(str(step.position), ""),
            )
            for step in self.steps
        ]
