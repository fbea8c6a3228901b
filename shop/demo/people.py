"""Who is in the region: unions, carriers, people with names, and households.

All of them are invented. Identity numbers begin with an area that does not exist, telephone
numbers with a prefix nobody is given.
"""

from __future__ import annotations

import random
from dataclasses import dataclass
from typing import NamedTuple

from products.households.rules import identity_check_digit
from products.households.states import HouseholdStanding as S
from shop.core.permissions import Role
from shop.demo.cooperatives import COOPERATIVES, CooperativePlan, VillagePlan


class UnionPlan(NamedTuple):
    """A union, its members in number, and where its goods are delivered."""

    code: str
    name: str
    name_en: str
    members: int
    recipient: str
    address: str


UNIONS = (
    UnionPlan(
        "GXZY",
        "赣西职业技术学院工会",
        "Union of Ganxi Vocational College",
        180,
        "郑立诚",
        "江西省吉安市青原大道 100 号 赣西职业技术学院后勤楼",
    ),
    UnionPlan(
        "LXLK",
        "罗霄林业勘测院工会",
        "Union of the Luoxiao Forest Survey",
        60,
        "孟志远",
        "江西省赣州市林源路 8 号 勘测院传达室",
    ),
    UnionPlan(
        "YLYY",
        "云岭市第一医院工会",
        "Union of Yunling First Hospital",
        620,
        "方秀宁",
        "湖南省云岭市康复路 1 号 第一医院行政楼 2 楼",
    ),
    UnionPlan(
        "ZJTS",
        "章江图书馆工会",
        "Union of Zhangjiang Library",
        40,
        "汪书怡",
        "江西省赣州市章江北路 21 号 图书馆办公室",
    ),
)

CARRIERS = (
    ("QSKY", "青山快运", "Qingshan Express", "孙行远"),
    ("LXLL", "罗霄冷链物流", "Luoxiao Cold Chain", "冷凌霄"),
    ("XGYL", "湘赣驿路货运", "Xianggan Post Road Freight", "马驿安"),
)

PLATFORM = ("SHPT", "山货平台", "Shanhuo platform")


class DemoSignIn(NamedTuple):
    """A person who signs in by password in the demo; `organisation` is a code."""

    email: str
    name: str
    organisation: str
    role: Role


SIGN_INS = (
    DemoSignIn("clerk@demo.example", "陈思远", "GXZY", Role.CLERK),
    DemoSignIn("approver@demo.example", "周慧敏", "GXZY", Role.APPROVER),
    DemoSignIn("finance@demo.example", "吴晓芸", "GXZY", Role.FINANCE),
    DemoSignIn("receiver@demo.example", "郑立诚", "GXZY", Role.RECEIVER),
    DemoSignIn("unionaudit@demo.example", "冯雅琴", "GXZY", Role.UNION_AUDITOR),
    DemoSignIn("member@demo.example", "林小满", "GXZY", Role.MEMBER),
    DemoSignIn("manager@demo.example", "郭青山", "SCTH", Role.MANAGER),
    DemoSignIn("weigher@demo.example", "曾小莲", "SCTH", Role.WEIGHER),
    DemoSignIn("carrier@demo.example", "孙行远", "QSKY", Role.CARRIER),
    DemoSignIn("operator@demo.example", "何静", "SHPT", Role.OPERATOR),
    DemoSignIn("treasurer@demo.example", "沈明", "SHPT", Role.TREASURER),
    DemoSignIn("auditor@demo.example", "罗正平", "SHPT", Role.AUDITOR),
    DemoSignIn("clerk2@demo.example", "孟志远", "LXLK", Role.CLERK),
    DemoSignIn("approver2@demo.example", "石文静", "LXLK", Role.APPROVER),
)

#: Officers of the other unions; they sign in by link, as members do.
BY_LINK = (
    ("LXLK", "乔安国", Role.FINANCE),
    ("LXLK", "梅映雪", Role.RECEIVER),
    ("YLYY", "方秀宁", Role.CLERK),
    ("YLYY", "贾维新", Role.APPROVER),
    ("YLYY", "宋可欣", Role.FINANCE),
    ("YLYY", "田一鸣", Role.RECEIVER),
    ("ZJTS", "汪书怡", Role.CLERK),
    ("ZJTS", "于建国", Role.APPROVER),
    ("ZJTS", "金晓岚", Role.FINANCE),
    ("ZJTS", "江北雁", Role.RECEIVER),
)

SURNAMES = "张李王刘郭曾钟谢罗赖黄叶邓古肖梁温廖邱何彭康蓝宋范胡杨"
# Given names of two characters each, run together.
_HOUSEHOLD_GIVEN = (
    "桂兰长根秀英水生春香福生玉莲金发冬梅石生招娣茂林来喜月娥观音求生德明香莲火根菊花荣华三妹有福细妹南生"
    "兰英松林桂生满姑明亮凤英田生莲秀海生运来秋菊庆云木生腊梅新华顺英竹青建国爱莲方生早香远辉连娣宝山小红"
)
_STAFF_GIVEN = (
    "子涵俊杰雨桐浩然思琪建华丽娟志强晓燕国庆春燕文博佳怡海涛"
    "雪梅立新红霞振宇若兰明哲秋月家豪欣然永刚美玲"
)


def _pairs(text: str) -> list[str]:
    return [text[start : start + 2] for start in range(0, len(text), 2)]


@dataclass(frozen=True, slots=True)
class HouseholdPlan:
    """One household as it will be registered; `mu` is what its plot measures.

    `leaf` and `own` say whether it sells fresh leaf, and whether it makes tea itself. `card` is
    how its card fares: ``good``, ``refused`` (the bank sends the money back), ``mended``
    (refused once, then corrected) or ``none``.
    """

    cooperative: str
    village: str
    name: str
    identity: str
    phone: str
    standing: S
    mu: int
    leaf: bool
    own: bool
    consent: str
    card: str
    was_lifted: bool


_STANDINGS = (
    [S.LIFTED] * 7
    + [S.ORDINARY] * 7
    + [S.UNSTABLE, S.MARGINAL, S.EXITED, S.EXITED, S.UNSTABLE, S.SUDDEN]
)
_MU = (5, 5, 4, 6, 5, 3, 8, 5, 2, 7, 5, 13, 4, 5, 9, 3, 6, 5, 11, 2)
_TANGHU_MU = (10, 10, 9, 12, 10, 8, 13, 11, 7, 10)

#: Places in the list of all households, counted from 0.
WITHDRAWN = frozenset({4, 17, 41, 66, 93})
NEVER_ASKED = frozenset({11, 29, 52, 71, 88, 104})
REFUSED = frozenset({2, 9, 22})
MENDED = frozenset({5})
NO_CARD = frozenset({7, 13, 25, 38, 58, 79, 97, 110})


def households(rng: random.Random) -> list[HouseholdPlan]:
    """The 120 households, cooperative by cooperative, the same for the same random source."""
    names = [a + b for a in SURNAMES for b in _pairs(_HOUSEHOLD_GIVEN)]
    rng.shuffle(names)
    names = ["张桂兰", "李长根", *(n for n in names if n not in ("张桂兰", "李长根"))]
    plans: list[HouseholdPlan] = []
    for cooperative in COOPERATIVES:
        for village in cooperative.villages:
            for _ in range(village.households):
                plans.append(_household(rng, len(plans), names, cooperative, village))
    return plans


def _household(
    rng: random.Random,
    place: int,
    names: list[str],
    cooperative: CooperativePlan,
    village: VillagePlan,
) -> HouseholdPlan:
    born = f"{rng.randint(1950, 1988)}{rng.randint(1, 12):02d}{rng.randint(1, 28):02d}"
    seventeen = f"000000{born}{place:03d}"
    kind = place % 10  # of ten tea households seven sell leaf, two make tea, one does both
    mu = _TANGHU_MU if village.township == "汤湖镇" else _MU
    standing = _STANDINGS[place * 7 % len(_STANDINGS)]
    return HouseholdPlan(
        cooperative=cooperative.code,
        village=village.name,
        name=names[place],
        identity=seventeen + identity_check_digit(seventeen),
        phone=f"100{place:08d}",
        standing=standing,
        mu=mu[place % len(mu)],
        leaf=kind not in (3, 8),
        own=kind in (3, 8, 6),
        consent="withdrawn" if place in WITHDRAWN else "none" if place in NEVER_ASKED else "given",
        card=_card(place),
        was_lifted=standing is S.EXITED,
    )


def _card(place: int) -> str:
    for places, card in ((REFUSED, "refused"), (MENDED, "mended"), (NO_CARD, "none")):
        if place in places:
            return card
    return "good"


def staff_name(rng: random.Random) -> str:
    """A name for one of the unions' many members."""
    return rng.choice(SURNAMES[:24]) + rng.choice(_pairs(_STAFF_GIVEN))
