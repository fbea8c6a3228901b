"""A year on the slopes: weigh-ins, rough tea, blends, packed lots.

Leaf is weighed at dusk, becomes rough tea the same night, and is packed when the picking is over.
Everything else comes ready from one household and is packed as a lot of its own.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import select

from products.catalogue.states import Category
from products.certificates.states import CertificateSource
from products.lots import commands as lots
from products.lots.alarms import decide_alarm
from products.lots.models import Lot, MassAlarm, Process, ProcessStep
from products.lots.states import AlarmState, LeafPayment
from shop.core import clock
from shop.core.actors import Actor
from shop.demo.goods import Good, Window
from shop.demo.processes import LEAF, LEAF_PER_MU
from shop.demo.region import GOODS, Home, Region
from shop.demo.story import Story


class Picking(NamedTuple):
    """How one kind of leaf is picked in a season: units to make of it, evenings, households."""

    units: int
    evenings: int
    households: int


#: By product, and by its harvests in the year.
PICKINGS: dict[str, tuple[Picking, ...]] = {
    "gougunao-gongpin": (Picking(320, 5, 9),),
    "gougunao-teji": (Picking(1150, 9, 12), Picking(520, 4, 10)),
    "gougunao-yiji": (Picking(760, 5, 12), Picking(420, 3, 10)),
    "guidong-linglongcha": (Picking(620, 5, 8),),
    "yanling-hongcha": (Picking(260, 3, 5), Picking(260, 3, 5)),
    "shangyou-lvcha": (Picking(220, 3, 3),),
    "yudu-pangucha": (Picking(180, 2, 2),),
    "chaling-hongcha": (Picking(180, 2, 2),),
}

#: Units one household brings at a time, and how many times in a harvest; what is not here
#: follows `_USUAL`.
LOADS: dict[str, tuple[int, int]] = {
    "anyuan-qicheng": (220, 3),
    "xunwu-qicheng": (260, 3),
    "ruijin-qicheng": (240, 3),
    "yanling-huangtao": (120, 1),
    "yongxin-miyou": (720, 2),
    "shicheng-bailian": (120, 1),
    "jinggang-hongmi": (160, 1),
    "suichuan-jinju": (60, 1),
    "suichuan-banya": (24, 1),
    "xingguo-chayou": (120, 1),
    "ganxian-chayou-500": (140, 1),
    "ganxian-chayou-1000": (90, 1),
    "xingguo-huie": (40, 1),
    "jinggang-zhusun": (40, 1),
    "ganxian-huangyuanmiguo": (120, 1),
    "lianhua-maya": (60, 1),
    "ningdu-huangji": (80, 1),
    "ruijin-xianyadan": (90, 1),
    "zhanggong-yujiao": (110, 1),
}
_USUAL = (220, 1)

#: Two households with little land bring, beside their own, this share of what a mu can bear in a
#: year for each of theirs, twice a year: somebody else's baskets, perhaps. Mass balance shows them.
_OVER_PRODUCT, _OVER_HOUSEHOLDS, _OVER_PERCENT = "gougunao-yiji", 2, 70

#: Of 遂川's households only these many bring fruit and duck besides tea.
_BESIDES_TEA = 5

#: Of last winter's fresh fruit only this was left when the story begins; what keeps so many days
#: was laid up as usual.
_NEW_YEAR = ("anyuan-qicheng",)
_KEEPS = 300


def plan(story: Story, region: Region) -> None:
    """Put every harvest between the story's first and last day into the plot."""
    for good in GOODS.values():
        for place, window in enumerate(good.harvest):
            for first, last in _harvests(window, story.first, story.today):
                if good.leaf_yuan_per_kg:
                    _Tea(story, region, good, PICKINGS[good.slug][place]).plan(first, last)
                else:
                    _plan_ready(story, region, good, first, last)
    _Tea(story, region, GOODS["gougunao-yiji"], Picking(40, 1, 6)).plan_late()
    own = GOODS["gougunao-yiji"]
    for first, last in _harvests(own.harvest[0], story.first, story.today):
        _plan_own_tea(story, region, own, first, last)


def _harvests(window: Window, since: date, until: date) -> list[tuple[date, date]]:
    """Every run of a harvest that touches the story; one that is under way begins with it."""
    begin, end = window
    found = []
    for year in range(since.year - 1, until.year + 1):
        first, last = date(year, *begin), date(year + (end < begin), *end)
        if last >= since and first <= until:
            found.append((max(first, since + timedelta(days=1)), last))
    return found


def _days(first: date, last: date, count: int) -> list[date]:
    """So many days spread evenly over a harvest."""
    return [first + timedelta(days=(last - first).days * n // count) for n in range(count)]


class _Tea:
    """One kind of leaf through one picking season."""

    def __init__(self, story: Story, region: Region, good: Good, picking: Picking) -> None:
        self.story, self.region, self.good, self.picking = story, region, good, picking
        cooperative = region.cooperative_of[good.county]
        self.code = cooperative.code
        self.manager = region.managers[cooperative.code]
        self.homes = [home for home in region.homes[cooperative.code] if home.plan.leaf]
        self.weigher = region.people.get(f"{self.code}:weigher", self.manager)
        self.process, self.steps = steps_of(story, Category.TEA)
        self.tonight: list[tuple[str, int]] = []
        self.rough: list[tuple[str, int]] = []

    def plan(self, first: date, last: date) -> None:
        """Evenings at the scale, a night of firing after each, packing at the end."""
        evenings = _days(first, last, self.picking.evenings)
        # 4.5 kg of leaf for one of tea, and a little over.
        leaf = self.good.net_grams * self.picking.units * 47 // 10
        each = leaf // (self.picking.evenings * self.picking.households)
        for number, day in enumerate(evenings):
            homes = self.story.rng.sample(self.homes, min(self.picking.households, len(self.homes)))
            for place, home in enumerate(homes):
                moment = clock.at(day, 17, 20 + place * 3)
                self.story.at(moment, self._weigh, home, each, number == 1 and place == 2)
            for place, home in enumerate(self._bringing_too_much()):
                most = LEAF_PER_MU * home.plan.mu
                extra = most * _OVER_PERCENT // (100 * self.picking.evenings) // 50 * 50
                self.story.at(clock.at(day, 18, 10 + place * 3), self._weigh_extra, home, extra)
            self.story.at(clock.at(day, 21), self._fire)
            if number % 5 == 4 or number == len(evenings) - 1:
                self.story.at(clock.at(day + timedelta(days=2), 14), self._pack)

    def plan_late(self) -> None:
        """A few baskets in the last days: some fired already, some still lying in the shed."""
        story = self.story
        for ago in (6, 4, 1):
            for place, home in enumerate(self.homes[ago : ago + self.picking.households]):
                story.at(story.ago(ago, 17, 5 + place * 4), self._weigh, home, 4_000, False)
            if ago > 1:
                story.at(story.ago(ago, 21), self._fire)
        for place, home in enumerate(self.homes[: self.picking.households]):
            just_now = story.until - timedelta(minutes=3 * place)
            moment = max(just_now, clock.start_of(story.today))
            story.at(moment, self._weigh, home, 3_000, False)

    def _weigh(self, home: Home, each: int, mistaken: bool) -> None:
        low, high = self.good.leaf_yuan_per_kg or (0, 0)
        rng = self.story.rng
        grams = each * rng.randint(70, 130) // 100 // 50 * 50
        facts = {
            "grade": self.good.grade or "统货",
            "fen_per_kg": rng.randint(low, high) * 100,
            "payment": _payment(self.story, home, 75),
            **_certificate(home, self.story.now),
        }
        lot = self.story.do(
            lots.weigh_in,
            self.weigher,
            household_id=home.id,
            plot_id=home.plot,
            category=Category.TEA,
            name=LEAF,
            grams=grams * (10 if mistaken else 1),
            **facts,
        )
        if mistaken:
            lot = self.story.do(
                lots.correct_delivery,
                self.weigher,
                lot_id=lot,
                grams=grams,
                reason="小数点记错了一位，秤上是这个数。",
                **facts,
            )
        if self._explained(lot):
            self.tonight.append((lot, grams))

    def _bringing_too_much(self) -> list[Home]:
        """Of one kind of leaf, those with the least land."""
        if self.good.slug != _OVER_PRODUCT:
            return []
        return sorted(self.homes, key=lambda home: home.plan.mu)[:_OVER_HOUSEHOLDS]

    def _weigh_extra(self, home: Home, grams: int) -> None:
        low, _high = self.good.leaf_yuan_per_kg or (0, 0)
        lot = self.story.do(
            lots.weigh_in,
            self.weigher,
            household_id=home.id,
            plot_id=home.plot,
            category=Category.TEA,
            name=LEAF,
            grade=self.good.grade or "统货",
            grams=grams,
            fen_per_kg=low * 100,
            payment=LeafPayment.PAID,
            **_certificate(home, self.story.now),
        )
        if self._explained(lot):
            self.tonight.append((lot, grams))

    def _explained(self, lot: str) -> bool:
        """Whether a second person signs what is more than the land bears; not in the last days."""
        alarm = self.story.tx.execute(
            select(MassAlarm.public_id)
            .join(Lot, Lot.id == MassAlarm.lot_id)
            .where(Lot.public_id == lot, MassAlarm.state == AlarmState.OPEN)
        ).scalar()
        if alarm is None:
            return True
        if self.story.now > self.story.ago(60):
            return False
        self.story.do(
            decide_alarm,
            self.manager,
            alarm_id=alarm,
            all_is_well=True,
            reason="去地里看过：今年另租了邻家两亩，租约已经补登。",
        )
        return True

    def _fire(self) -> None:
        if not self.tonight:
            return
        leaf = sum(grams for _lot, grams in self.tonight)
        made = leaf * 100 // self.story.rng.randint(428, 462)
        lot = self.story.do(
            lots.process,
            self.manager,
            cooperative_id=self.region.organisations[self.code],
            process_id=self.process,
            inputs=tuple(self.tonight),
            grams=made,
            grade=self.good.grade or "统货",
            steps=self.steps,
            note="当晚做完。",
        )
        self.tonight = []
        self.rough.append((lot, made))

    def _pack(self) -> None:
        if len(self.rough) > 2 and self.good.slug == "gougunao-teji":
            made = sum(grams for _lot, grams in self.rough) - 200 * len(self.rough)
            lot = self.story.do(
                lots.blend,
                self.manager,
                cooperative_id=self.region.organisations[self.code],
                inputs=tuple(self.rough),
                grams=made,
                name=self.good.name,
                grade=self.good.grade,
                certificate="",
                note="几晚的毛茶拼在一起，去末、匀堆。",
            )
            self.rough = [(lot, made)]
        units = sum(grams for _lot, grams in self.rough) // self.good.net_grams
        left, inputs = units * self.good.net_grams, []
        for lot, grams in self.rough:
            inputs.append((lot, min(grams, left)))
            left -= min(grams, left)
        pack(self.story, self.region, self.good, [i for i in inputs if i[1]], units)
        self.rough = []


def steps_of(story: Story, category: Category) -> tuple[str, tuple[tuple[int, str], ...]]:
    """The region's process for a category, and all its steps as done."""
    rows = story.tx.execute(
        select(Process.public_id, ProcessStep.position)
        .join(ProcessStep, ProcessStep.process_id == Process.id)
        .where(Process.category == category, Process.cooperative_id.is_(None))
        .order_by(ProcessStep.position)
    ).all()
    return rows[0].public_id, tuple((row.position, "") for row in rows)


def _plan_own_tea(story: Story, region: Region, good: Good, first: date, last: date) -> None:
    homes = [home for home in region.homes["SCTH"] if home.plan.own]
    for place, home in enumerate(homes):
        day = _days(first, last, len(homes))[place] + timedelta(days=3)
        story.at(clock.at(day, 16, 10), _bring, story, region, good, home, 24 + place % 5 * 4)


def _plan_ready(story: Story, region: Region, good: Good, first: date, last: date) -> None:
    code = region.cooperative_of[good.county].code
    homes = region.homes[code][:6] if code != "SCTH" else region.homes[code][-_BESIDES_TEA:]
    units, times = LOADS.get(good.slug, _USUAL)
    if first <= story.first + timedelta(days=1):
        # The tail of last winter's harvest: what keeps, and a few fresh boxes for the new year.
        if good.fresh and good.slug not in _NEW_YEAR:
            return
        if good.shelf_days < _KEEPS:
            homes, units, times = homes[:1], 65, 1
    # Fruit comes in while it is picked; what keeps is brought in the first half.
    until = last if good.fresh else first + (last - first) // 2
    for turn, day in enumerate(_days(first, until, times)):
        for place, home in enumerate(homes):
            moment = clock.at(day + timedelta(days=place // 2), 15, 5 + place * 7 % 50)
            story.at(moment, _bring, story, region, good, home, units - 5 * ((place + turn) % 3))


def _bring(story: Story, region: Region, good: Good, home: Home, units: int) -> None:
    """One household brings finished goods; they are packed by themselves."""
    code = home.plan.cooperative
    manager: Actor = region.managers[code]
    grams = units * good.net_grams
    lot = story.do(
        lots.weigh_in,
        region.people.get(f"{code}:weigher", manager),
        household_id=home.id,
        plot_id=home.plot,
        category=good.category,
        name=good.name,
        grade=good.grade,
        grams=grams,
        fen_per_kg=good.fen_per_kg(story.rng.randint(80, 93)),
        payment=_payment(story, home, 60),
        **_certificate(home, story.now),
    )
    pack(story, region, good, [(lot, grams)], units)


def pack(
    story: Story, region: Region, good: Good, inputs: list[tuple[str, int]], units: int
) -> None:
    """Pack inputs that weigh exactly so many units of a product."""
    code = region.cooperative_of[good.county].code
    story.do(
        lots.pack,
        region.managers[code],
        cooperative_id=region.organisations[code],
        inputs=tuple(inputs),
        specification_id=region.specifications[good.slug],
        units=units,
        certificate="",
        best_before=clock.day_of(story.now) + timedelta(days=good.shelf_days),
        note="",
    )


def _payment(story: Story, home: Home, paid_percent: int) -> LeafPayment:
    """Most are paid on the spot; a household whose card is in trouble always waits for the sale."""
    paid = story.rng.randrange(100) < paid_percent and home.plan.card == "good"
    return LeafPayment.PAID if paid else LeafPayment.CONSIGNMENT


def _certificate(home: Home, now: datetime) -> dict[str, Any]:
    """Of ten households six bring a certificate, three have one written, one brings none."""
    place = int(home.plan.phone[-4:])
    if place % 10 < 6:
        number = f"NH{place:03d}-{now:%y%m%d}"
        return {"certificate": number, "certificate_source": CertificateSource.COLLECTED}
    written = place % 10 < 9
    source = CertificateSource.WRITTEN if written else CertificateSource.NONE
    return {"certificate": "", "certificate_source": source}
