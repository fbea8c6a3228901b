"""What members buy for themselves in the story."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from shop.demo.purchases import Stage


@dataclass(frozen=True, slots=True, kw_only=True)
class Personal:
    """What a member buys for themselves; `buyer` counts members, -1 is member@demo.example.

    `confirms` is False where the buyer says nothing and silence has to do.
    """

    days_ago: int
    buyer: int
    baskets: tuple[Mapping[str, int], ...]
    stage: Stage = Stage.ACCEPTED
    confirms: bool = True
    cancelled: str = ""


PERSONAL = (
    Personal(days_ago=150, buyer=-1, baskets=({"gougunao-yiji": 2},)),
    Personal(days_ago=120, buyer=31, baskets=({"yanling-huangtao": 2}, {"lean-sungan": 2})),
    Personal(days_ago=95, buyer=77, baskets=({"gougunao-teji": 1, "shicheng-bailian": 2},)),
    Personal(days_ago=70, buyer=210, baskets=({"gougunao-gongpin": 1},), confirms=False),
    Personal(days_ago=52, buyer=-1, baskets=({"shicheng-bailian": 2}, {"gougunao-yiji": 1})),
    Personal(days_ago=45, buyer=340, baskets=({"guidong-linglongcha": 2},)),
    Personal(days_ago=33, buyer=402, baskets=({"yongxin-miyou": 3}, {"gougunao-yiji": 1})),
    Personal(days_ago=24, buyer=555, baskets=({"gougunao-teji": 2},), confirms=False),
    Personal(
        days_ago=16,
        buyer=-1,
        baskets=({"jinggang-hongmi": 1}, {"gougunao-yiji": 1}),
        stage=Stage.APPROVED,
    ),
    Personal(
        days_ago=9,
        buyer=-1,
        baskets=({"anyuan-qicheng": 2, "gougunao-yiji": 1}, {"gougunao-yiji": 1}),
        stage=Stage.ARRIVED,
        confirms=False,
    ),
    Personal(days_ago=8, buyer=120, baskets=({"suichuan-jinju": 2}, {"gougunao-teji": 1})),
    Personal(
        days_ago=6,
        buyer=-1,
        baskets=({"suichuan-banya": 1}, {"gougunao-gongpin": 1}),
        stage=Stage.PAID,
        cancelled="家里已经买了，不要了。",
    ),
    Personal(
        days_ago=4,
        buyer=-1,
        baskets=({"xingguo-chayou": 1, "gougunao-teji": 1}, {"gougunao-teji": 1}),
        stage=Stage.PAID,
    ),
    Personal(
        days_ago=3,
        buyer=88,
        baskets=({"gougunao-yiji": 3},),
        stage=Stage.SHIPPED,
    ),
    Personal(
        days_ago=1,
        buyer=-1,
        baskets=({"yongxin-miyou": 2}, {"gougunao-yiji": 2}),
        stage=Stage.APPROVED,
    ),
)
