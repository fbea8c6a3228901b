"""What laboratories found of the region's lots: reports that hold, run out, and one that failed.

The laboratory is invented.
"""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import select

from products.lots.models import Lot
from products.lots.states import LotKind, LotState
from products.quality import commands as quality
from shop.core import clock
from shop.demo.papers import report_file
from shop.demo.region import Region
from shop.demo.story import Story
from shop.organisations.models import Organisation

AGENCY = "罗霄示范农产品检测站"
_RESIDUES = "农药残留"

#: Per cooperative, how many days ago its newest packed lot was tested, for how many days that
#: holds, and whether the report is public.
_TESTS = (
    ("SCTH", 170, 190, True),
    ("SCTH", 40, 365, True),
    ("SCTH", 150, 140, False),
    ("GDLL", 120, 365, True),
    ("AYQC", 25, 45, True),
    ("SCBL", 60, 365, False),
    ("JGHM", 60, 365, True),
    ("XGCY", 90, 365, True),
)


class Laboratory:
    """Reports come in by themselves; one lot of rough tea fails and waits for a second person."""

    def __init__(self, story: Story, region: Region) -> None:
        self.story, self.region, self.count = story, region, 0

    def plan(self) -> None:
        """Put it into the plot."""
        story = self.story
        for code, ago, days, public in _TESTS:
            story.at(story.ago(ago, 11), self._pass, code, days, public)
        story.at(story.ago(5, 11), self._fail, True)
        story.at(story.ago(3, 11), self._fail, False)

    def _pass(self, code: str, days: int, public: bool) -> None:
        lot = self._newest(code, LotKind.PACKED)
        if lot is not None:
            self._record(code, lot, True, days, public)

    def _fail(self, explained: bool) -> None:
        lot = self._newest("SCTH", LotKind.PROCESSED)
        if lot is None:
            return
        test = self._record("SCTH", lot, False, None, False)
        if explained:
            self.story.at(self.story.later(1, 15), self._clear, test)

    def _clear(self, test: str) -> None:
        self.story.do(
            quality.clear_test,
            self.region.person("operator"),
            test_id=test,
            reason="取样袋混了外来的茶，重新取样复检合格。",
        )

    def _record(
        self, code: str, lot: tuple[str, str], passed: bool, days: int | None, public: bool
    ) -> str:
        self.count += 1
        today = clock.day_of(self.story.now)
        report = f"LX-{today.year}-{1000 + 37 * self.count}"
        scan = quality.Scan(f"{report}.pdf", "application/pdf", report_file(report, lot[1], passed))
        return self.story.do(
            quality.record_test,
            self.region.managers[code],
            lot_id=lot[0],
            subject=_RESIDUES,
            agency=AGENCY,
            report=report,
            passed=passed,
            tested_on=today - timedelta(days=2),
            valid_until=today + timedelta(days=days) if days else None,
            scan=scan,
            public=public,
        )

    def _newest(self, code: str, kind: LotKind) -> tuple[str, str] | None:
        """The newest lot of a kind with something left of it."""
        row = self.story.tx.execute(
            select(Lot.public_id, Lot.number)
            .join(Organisation, Organisation.id == Lot.cooperative_id)
            .where(
                Organisation.code == code,
                Lot.kind == kind,
                Lot.state == LotState.RECORDED,
                Lot.freezes == 0,
                Lot.used_grams + Lot.lost_grams < Lot.grams,
                Lot.reserved_units + Lot.shipped_units < Lot.units
                if kind is LotKind.PACKED
                else Lot.units == 0,
            )
            .order_by(Lot.made_at.desc(), Lot.id.desc())
            .limit(1)
        ).one_or_none()
        return (row[0], row[1]) if row else None
