"""What the unions buy in the story, and how far each purchase gets."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum, IntEnum


class Stage(IntEnum):
    """How far a purchase goes before the story ends."""

    SUBMITTED = 1
    APPROVED = 2
    PAID = 3
    PART_SHIPPED = 4
    SHIPPED = 5
    ARRIVED = 6
    FIRST_SIGNED = 7
    ACCEPTED = 8


class Transfer(Enum):
    """How the union's bank transfer is written out."""

    CODED = "coded"
    BLIND = "blind"
    PARTIAL = "partial"


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """One union's purchase. The first basket whose goods are all in stock is bought.

    `pay_after` is how many days after submission the bank transfer arrives (None: never);
    a blind `transfer` lacks the code, a partial one lacks money;
    `short` and `damaged` are units found missing or broken, `returned` those to be sent back,
    asked for `return_after` days after acceptance; `agreed_days` are the contract's days to pay.
    """

    days_ago: int
    union: str
    baskets: tuple[Mapping[str, int], ...]
    note: str
    stage: Stage = Stage.ACCEPTED
    pay_after: int | None = 1
    after_acceptance: bool = False
    purpose: str = "节日慰问"
    in_parts: bool = False
    short: int = 0
    damaged: int = 0
    returned: int = 0
    return_after: int = 38
    agreed_days: int = 0
    sent_back: str = ""
    cancelled: str = ""
    cancel_after: int = 1
    transfer: Transfer = Transfer.CODED


def _each(units: int, *slugs: str) -> dict[str, int]:
    return dict.fromkeys(slugs, units)


HISTORY = (
    Plan(
        days_ago=312,
        union="LXLK",
        baskets=(_each(60, "anyuan-qicheng"), _each(60, "gougunao-yiji")),
        note="春节慰问，脐橙每人一箱。",
    ),
    Plan(
        days_ago=300,
        union="GXZY",
        baskets=(_each(180, "ganxian-chayou-500"), _each(180, "gougunao-teji")),
        note="春节慰问，每人一瓶茶油。",
    ),
    Plan(
        days_ago=296,
        union="ZJTS",
        baskets=(_each(40, "xingguo-chayou"), _each(40, "gougunao-yiji")),
        note="春节慰问。",
    ),
    Plan(
        days_ago=206,
        union="GXZY",
        baskets=(_each(180, "gougunao-teji"), _each(180, "ganxian-chayou-500")),
        note="“五一”慰问，春茶每人一罐。",
        returned=3,
    ),
    Plan(
        days_ago=202,
        union="LXLK",
        baskets=(_each(60, "gougunao-yiji", "guidong-linglongcha"), _each(60, "gougunao-teji")),
        note="两样茶各一罐，请按人分装。",
        after_acceptance=True,
        pay_after=24,
    ),
    Plan(
        days_ago=195,
        union="YLYY",
        baskets=(
            {"gougunao-teji": 420, "guidong-linglongcha": 200},
            _each(310, "gougunao-yiji"),
        ),
        note="分两次送，第二次送到住院部后楼。",
        in_parts=True,
        short=2,
        damaged=3,
    ),
    Plan(
        days_ago=172,
        union="YLYY",
        baskets=(_each(620, "gougunao-yiji"),),
        note="端午慰问，每人一罐，按科室分箱贴签。",
        in_parts=True,
    ),
    Plan(
        days_ago=160,
        union="ZJTS",
        baskets=(_each(40, "jinggang-zhusun", "ruijin-xianyadan"), _each(40, "gougunao-yiji")),
        note="端午慰问。",
    ),
    Plan(
        days_ago=118,
        union="YLYY",
        baskets=(_each(620, "yanling-huangtao"), _each(200, "gougunao-yiji")),
        note="夏送清凉，黄桃请挑八成熟的。",
        purpose="夏送清凉",
        damaged=6,
    ),
    Plan(
        days_ago=116,
        union="LXLK",
        baskets=(_each(60, "yanling-huangtao"), _each(60, "lean-sungan")),
        note="夏送清凉。",
        purpose="夏送清凉",
    ),
    Plan(
        days_ago=84,
        union="GXZY",
        baskets=(_each(180, "shicheng-bailian"), _each(180, "gougunao-yiji")),
        note="中秋慰问，通芯白莲。",
        after_acceptance=True,
        pay_after=None,
    ),
    Plan(
        days_ago=80,
        union="ZJTS",
        baskets=(_each(40, "shicheng-bailian", "gougunao-gongpin"), _each(40, "gougunao-teji")),
        note="中秋慰问。",
        after_acceptance=True,
        pay_after=72,
    ),
    Plan(
        days_ago=66,
        union="LXLK",
        baskets=(_each(60, "gougunao-teji"), _each(60, "gougunao-yiji")),
        note="国庆慰问。",
        returned=3,
        transfer=Transfer.BLIND,
    ),
    Plan(
        days_ago=34,
        union="YLYY",
        baskets=(_each(620, "yongxin-miyou"), _each(200, "gougunao-yiji")),
        note="深秋慰问，蜜柚每人一箱。",
        in_parts=True,
        short=4,
    ),
    Plan(
        days_ago=30,
        union="GXZY",
        baskets=(_each(180, "jinggang-hongmi"), _each(100, "gougunao-yiji")),
        note="新红米，每人一袋。",
        damaged=1,
    ),
    Plan(
        days_ago=27,
        union="ZJTS",
        baskets=(_each(40, "anren-dami", "chaling-hongcha"), _each(40, "gougunao-yiji")),
        note="新米和红茶。",
        returned=2,
        return_after=17,
    ),
)

#: What stands at each stage on the story's last day; goods follow the season.
STANDING = (
    Plan(
        days_ago=15,
        union="LXLK",
        baskets=({"suichuan-banya": 60}, _each(30, "gougunao-yiji")),
        note="腊味，先报上来。",
        stage=Stage.SUBMITTED,
    ),
    Plan(
        days_ago=14,
        union="ZJTS",
        baskets=({"anyuan-qicheng": 40}, {"gougunao-yiji": 40}),
        note="脐橙每人一箱。",
        stage=Stage.SUBMITTED,
        cancelled="馆里改发茶油，先取消，另下一单。",
    ),
    Plan(
        days_ago=13,
        union="YLYY",
        baskets=({"jinggang-hongmi": 120}, {"gougunao-yiji": 60}),
        note="急诊科先用。",
        stage=Stage.PAID,
        cancelled="与另一采购单重复，款请原路退回。",
        cancel_after=4,
    ),
    Plan(
        days_ago=12,
        union="GXZY",
        baskets=({"xingguo-chayou": 60, "gougunao-teji": 60}, {"gougunao-teji": 60}),
        note="离退休教职工慰问。",
        returned=2,
        return_after=7,
    ),
    Plan(
        days_ago=11,
        union="LXLK",
        baskets=({"gougunao-teji": 60, "guidong-linglongcha": 60}, {"gougunao-yiji": 60}),
        note="验收后凭发票付款。",
        agreed_days=45,
        after_acceptance=True,
        pay_after=None,
    ),
    Plan(
        days_ago=10,
        union="GXZY",
        baskets=({"shicheng-bailian": 60}, {"gougunao-yiji": 60}),
        note="食堂小炒窗口试用。",
        after_acceptance=True,
        pay_after=None,
    ),
    Plan(
        days_ago=9,
        union="ZJTS",
        baskets=({"xingguo-chayou": 40, "lianhua-maya": 40}, {"gougunao-teji": 40}),
        note="年底慰问，茶油和麻鸭。",
        short=1,
        damaged=2,
    ),
    Plan(
        days_ago=8,
        union="GXZY",
        baskets=({"gougunao-gongpin": 30, "jinggang-zhusun": 30}, {"gougunao-teji": 30}),
        note="来校专家伴手礼，不超标准。",
        stage=Stage.FIRST_SIGNED,
    ),
    Plan(
        days_ago=7,
        union="GXZY",
        baskets=({"anyuan-qicheng": 180}, {"gougunao-yiji": 180}),
        note="脐橙每人一箱，送后勤楼一楼。",
        stage=Stage.ARRIVED,
    ),
    Plan(
        days_ago=6,
        union="YLYY",
        baskets=({"anyuan-qicheng": 620}, {"gougunao-yiji": 200}),
        note="分两车送，每车三百来箱，提前一天打电话。",
        stage=Stage.PART_SHIPPED,
        in_parts=True,
    ),
    Plan(
        days_ago=8,
        union="LXLK",
        baskets=({"gougunao-gongpin": 20}, {"gougunao-yiji": 20}),
        note="会议用茶，按接待标准。",
        stage=Stage.FIRST_SIGNED,
    ),
    Plan(
        days_ago=7,
        union="LXLK",
        baskets=({"guidong-linglongcha": 30, "gougunao-yiji": 30}, {"gougunao-yiji": 30}),
        note="野外队慰问，两样茶。",
        stage=Stage.ARRIVED,
    ),
    Plan(
        days_ago=5,
        union="LXLK",
        baskets=({"xunwu-qicheng": 60, "ganxian-chayou-1000": 60}, {"gougunao-yiji": 60}),
        note="年底慰问。",
        stage=Stage.SHIPPED,
    ),
    Plan(
        days_ago=4,
        union="GXZY",
        baskets=({"gougunao-teji": 90, "suichuan-jinju": 90}, {"gougunao-teji": 60}),
        note="新进教职工慰问。",
        stage=Stage.PAID,
    ),
    Plan(
        days_ago=3,
        union="GXZY",
        baskets=({"ganxian-chayou-1000": 120}, {"gougunao-yiji": 80}),
        note="元旦慰问，茶油每人一瓶，先付款。",
        stage=Stage.APPROVED,
        transfer=Transfer.PARTIAL,
    ),
    Plan(
        days_ago=3,
        union="LXLK",
        baskets=({"jinggang-hongmi": 60}, {"gougunao-yiji": 50}),
        note="元旦慰问。",
        stage=Stage.APPROVED,
        pay_after=None,
    ),
    Plan(
        days_ago=2,
        union="GXZY",
        baskets=({"xingguo-huie": 60}, {"gougunao-gongpin": 60}),
        note="元旦慰问，灰鹅。",
        stage=Stage.SUBMITTED,
        sent_back="每人单价超出本次标准，请改成两百元以内的组合再报。",
    ),
    Plan(
        days_ago=1,
        union="GXZY",
        baskets=({"gougunao-teji": 40, "xingguo-chayou": 40}, {"gougunao-teji": 40}),
        note="元旦慰问，茶和油各一份，食堂职工。",
        stage=Stage.SUBMITTED,
    ),
    Plan(
        days_ago=1,
        union="LXLK",
        baskets=({"ningdu-huangji": 60}, {"gougunao-yiji": 30}),
        note="元旦慰问。",
        stage=Stage.SUBMITTED,
    ),
    Plan(
        days_ago=1,
        union="YLYY",
        baskets=({"lianhua-dami": 100}, {"gougunao-yiji": 50}),
        note="后勤班组慰问。",
        stage=Stage.SUBMITTED,
    ),
)
