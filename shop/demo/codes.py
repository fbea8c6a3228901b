"""Codes on the demo's boxes: made, boxed, scanned, one copied too often, one complained of."""

from __future__ import annotations

from sqlalchemy import select, update

from products.lots.models import Lot
from products.lots.states import LotKind
from products.traceability import boxes, code_commands, code_jobs, complaints, label_commands
from products.traceability.commands import count_scan
from products.traceability.models import CodeAllocation
from products.traceability.states import CodeKind
from shop.core.actors import VISITOR, Actor
from shop.demo.region import Region
from shop.demo.story import Story
from shop.jobs.models import Job, JobState
from shop.organisations.models import Organisation

#: The cooperative whose newest lots get codes, how many lots, and units to a box.
COOPERATIVE, LOTS, PER_BOX = "SCTH", 3, 12
#: At most so many units of a lot get a code.
UNITS = 240


class Codes:
    """Puts codes on some lots near the end of the story, and lets people scan them."""

    def __init__(self, story: Story, region: Region) -> None:
        self.story, self.region = story, region
        self.coded: list[str] = []

    def plan(self) -> None:
        """Put it into the plot."""
        story = self.story
        story.at(story.ago(12, 8), self._code)
        story.at(story.ago(8, 20), self._scan, 0, 6)
        for ago in range(7):
            story.at(story.ago(ago, 19), self._scan, 7, 8)
        story.at(story.ago(5, 9), self._complain, "有一罐的封口没压紧，茶叶有点潮。", True)
        story.at(story.ago(1, 20), self._complain, "盒子上的合格证编号印糊了，看不清。", False)

    @property
    def _manager(self) -> Actor:
        return self.region.managers[COOPERATIVE]

    def _code(self) -> None:
        cooperative = self.region.organisations[COOPERATIVE]
        lots = self.story.tx.execute(
            select(Lot.public_id, Lot.units)
            .where(Lot.kind == LotKind.PACKED, Lot.cooperative_id == _key(self.story, cooperative))
            .order_by(Lot.id.desc())
            .limit(LOTS)
        ).all()
        for lot, there in lots:
            units = min(there, UNITS)
            self._make(lot, CodeKind.UNIT, units)
            if units < PER_BOX:
                continue
            self._make(lot, CodeKind.BOX, units // PER_BOX)
            self.story.do(boxes.box_in_order, self._manager, lot_id=lot, per_box=PER_BOX)
        self._do(
            self.story.do(
                code_commands.make_codes,
                self._manager,
                cooperative_id=cooperative,
                kind=CodeKind.UNIT,
                count=500,
            )
        )
        first = self.story.tx.execute(
            select(CodeAllocation.public_id).order_by(CodeAllocation.id).limit(1)
        ).scalar()
        if first is not None:
            listed = self.story.do(label_commands.list_codes, self._manager, allocation_id=first)
            self.coded = [code for _serial, code in listed]

    def _make(self, lot: str, kind: CodeKind, count: int) -> None:
        self._do(
            self.story.do(
                code_commands.make_codes_for_lot,
                self._manager,
                lot_id=lot,
                kind=kind,
                count=count,
            )
        )

    def _do(self, job_id: str) -> None:
        """Do a job here and now: the story is told in one transaction, and no worker sees it."""
        tx = self.story.tx
        job = tx.execute(select(Job).where(Job.public_id == job_id)).scalar_one()
        while job.done < job.total:
            code_jobs.make_some(tx, job, self.story.now)
        tx.flush()
        tx.execute(
            update(Job).where(Job.id == job.id).values(state=JobState.DONE, ended_at=self.story.now)
        )

    def _scan(self, first: int, end: int) -> None:
        for code in self.coded[first:end]:
            self.story.do(count_scan, VISITOR, code=code)

    def _complain(self, words: str, answered: bool) -> None:
        if not self.coded:
            return
        complaint = self.story.do(
            complaints.complain, VISITOR, code=self.coded[2], words=words, phone=""
        )
        if answered:
            self.story.do(
                complaints.answer_complaint,
                self._manager,
                complaint_id=complaint,
                answer="收到。您方便时打合作社电话，我们给您换一罐，旧的不用寄回。",
            )


def _key(story: Story, cooperative: str) -> int:
    return story.tx.execute(
        select(Organisation.id).where(Organisation.public_id == cooperative)
    ).scalar_one()
