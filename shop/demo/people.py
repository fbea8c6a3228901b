"""Who is in the region: cooperatives and their villages, unions, carriers, and people with names.

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


class VillagePlan(NamedTuple):
    """A village, how high it lies, and how many households of it deliver."""

    township: str
    name: str
    name_en: str
    altitude_m: int
    households: int


class CooperativePlan(NamedTuple):
    """A cooperative; `full` ones have a year of deliveries, orders and payouts behind them."""

    county: str
    code: str
    name: str
    name_en: str
    manager: str
    villages: tuple[VillagePlan, ...]
    crop: str
    full: bool = False


_V = VillagePlan
_C = CooperativePlan

COOPERATIVES = (
    _C(
        "suichuan",
        "SCTH",
        "遂川汤湖云上茶叶专业合作社",
        "Tanghu Yunshang Tea Cooperative, Suichuan",
        "郭青山",
        (
            _V("汤湖镇", "南屏村", "Nanping", 820, 18),
            _V("汤湖镇", "云岭村", "Yunling", 910, 16),
            _V("戴家埔乡", "石门村", "Shimen", 760, 14),
        ),
        "茶",
        full=True,
    ),
    _C(
        "guidong",
        "GDLL",
        "桂东玲珑坡茶叶专业合作社",
        "Linglong Slope Tea Cooperative, Guidong",
        "何山泉",
        (_V("清泉镇", "玲珑坡村", "Linglongpo", 880, 10),),
        "茶",
        full=True,
    ),
    _C(
        "jinggangshan",
        "JGHM",
        "井冈山茅坪红谷专业合作社",
        "Maoping Red Grain Cooperative, Jinggangshan",
        "谢井生",
        (_V("茅坪镇", "上垄村", "Shanglong", 430, 6),),
        "红米稻、毛竹",
        full=True,
    ),
    _C(
        "anyuan",
        "AYQC",
        "安远鹤子橙源果业专业合作社",
        "Hezi Orange Source Cooperative, Anyuan",
        "唐橙茂",
        (_V("鹤子镇", "半坡村", "Banpo", 320, 8),),
        "脐橙",
        full=True,
    ),
    _C(
        "shicheng",
        "SCBL",
        "石城琴江荷塘白莲专业合作社",
        "Qinjiang Lotus Cooperative, Shicheng",
        "温荷香",
        (_V("琴江镇", "荷塘村", "Hetang", 230, 6),),
        "白莲",
        full=True,
    ),
    _C(
        "yanling",
        "YLHT",
        "炎陵中村高山果茶专业合作社",
        "Zhongcun Highland Fruit and Tea Cooperative, Yanling",
        "罗桃源",
        (_V("中村瑶族乡", "云坪村", "Yunping", 1050, 7),),
        "黄桃、茶",
        full=True,
    ),
    _C(
        "xingguo",
        "XGCY",
        "兴国永丰老油坊专业合作社",
        "Yongfeng Old Mill Cooperative, Xingguo",
        "钟油生",
        (_V("永丰镇", "旱塘村", "Hantang", 260, 6),),
        "油茶",
        full=True,
    ),
    _C(
        "ganxian",
        "GXCY",
        "赣县五云山茶油专业合作社",
        "Wuyun Camellia Oil Cooperative, Ganxian",
        "赖云开",
        (_V("五云镇", "夏潭村", "Xiatan", 180, 6),),
        "油茶、糯稻",
        full=True,
    ),
    _C(
        "yongxin",
        "YXMY",
        "永新里田蜜柚专业合作社",
        "Litian Pomelo Cooperative, Yongxin",
        "龙柚清",
        (_V("里田镇", "枧下村", "Jianxia", 150, 1),),
        "蜜柚",
    ),
    _C(
        "wanan",
        "WAMY",
        "万安窑头江畔果业专业合作社",
        "Yaotou Riverside Fruit Cooperative, Wan'an",
        "严江平",
        (_V("窑头镇", "江背村", "Jiangbei", 110, 1),),
        "蜜柚",
    ),
    _C(
        "lianhua",
        "LHNY",
        "莲花琴亭农友专业合作社",
        "Qinting Farmers' Cooperative, Lianhua",
        "贺莲生",
        (_V("琴亭镇", "花塘村", "Huatang", 170, 2),),
        "水稻、莲田鸭",
    ),
    _C(
        "lean",
        "LASG",
        "乐安金竹笋业专业合作社",
        "Jinzhu Bamboo Shoot Cooperative, Le'an",
        "游竹林",
        (_V("金竹畲族乡", "竹背村", "Zhubei", 480, 1),),
        "毛竹",
    ),
    _C(
        "shangyou",
        "SYLC",
        "上犹梅水湖畔茶叶专业合作社",
        "Meishui Lakeside Tea Cooperative, Shangyou",
        "胡春水",
        (_V("梅水乡", "水岩村", "Shuiyan", 420, 3),),
        "茶",
    ),
    _C(
        "xunwu",
        "XWQC",
        "寻乌澄江新果园专业合作社",
        "Chengjiang New Orchard Cooperative, Xunwu",
        "凌澄光",
        (_V("澄江镇", "大墩村", "Dadun", 340, 1),),
        "脐橙",
    ),
    _C(
        "ruijin",
        "RJQC",
        "瑞金壬田果蔬专业合作社",
        "Rentian Produce Cooperative, Ruijin",
        "杨田秀",
        (_V("壬田镇", "圳头村", "Zhentou", 210, 2),),
        "脐橙、蛋鸭",
    ),
    _C(
        "ningdu",
        "NDHJ",
        "宁都黄陂林下养殖专业合作社",
        "Huangpi Woodland Poultry Cooperative, Ningdu",
        "卢凤鸣",
        (_V("黄陂镇", "杨依村", "Yangyi", 240, 2),),
        "林下黄鸡",
    ),
    _C(
        "yudu",
        "YDPG",
        "于都盘古山茶业专业合作社",
        "Pangushan Tea Cooperative, Yudu",
        "丁茶根",
        (_V("盘古山镇", "茶梓村", "Chazi", 560, 2),),
        "茶",
    ),
    _C(
        "huichang",
        "HCYL",
        "会昌筠门岭油果专业合作社",
        "Junmenling Oil and Fruit Cooperative, Huichang",
        "饶林森",
        (_V("筠门岭镇", "竹坑村", "Zhukeng", 250, 1),),
        "油茶、橘柚",
    ),
    _C(
        "nankang",
        "NKTY",
        "南康唐江甜柚专业合作社",
        "Tangjiang Pomelo Cooperative, Nankang",
        "申果丰",
        (_V("唐江镇", "坝上村", "Bashang", 130, 1),),
        "甜柚、油茶",
    ),
    _C(
        "zhanggong",
        "ZGYJ",
        "章贡水西河鲜专业合作社",
        "Shuixi River Food Cooperative, Zhanggong",
        "骆水生",
        (_V("水西镇", "河口村", "Hekou", 105, 1),),
        "鱼塘",
    ),
    _C(
        "chaling",
        "CLYT",
        "茶陵严塘蒜茶专业合作社",
        "Yantang Garlic and Tea Cooperative, Chaling",
        "谭蒜香",
        (_V("严塘镇", "高径村", "Gaojing", 360, 2),),
        "大蒜、茶",
    ),
    _C(
        "yizhang",
        "YZQC",
        "宜章岩泉脐橙专业合作社",
        "Yanquan Orange Cooperative, Yizhang",
        "邝岩生",
        (_V("岩泉镇", "西岭村", "Xiling", 290, 1),),
        "脐橙",
    ),
    _C(
        "rucheng",
        "RCLJ",
        "汝城泉水椒农专业合作社",
        "Quanshui Chilli Cooperative, Rucheng",
        "朱红椒",
        (_V("泉水镇", "旱田村", "Hantian", 610, 1),),
        "朝天椒",
    ),
    _C(
        "anren",
        "ARDM",
        "安仁永乐江粮药专业合作社",
        "Yonglejiang Grain and Herb Cooperative, Anren",
        "侯稻香",
        (_V("永乐江镇", "山塘村", "Shantang", 120, 1),),
        "水稻、枳壳",
    ),
)


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
_HOUSEHOLD_GIVEN = ["桂兰", "长根", "秀英", "水生", "春香", "福生", "玉莲", "金发", "冬梅", "石生", "招娣", "茂林", "来喜", "月娥", "观音", "求生", "德明", "香莲", "火根", "菊花", "荣华", "三妹", "有福", "细妹", "南生", "兰英", "松林", "桂生", "满姑", "明亮", "凤英", "田生", "莲秀", "海生", "运来", "秋菊", "庆云", "木生", "腊梅", "新华", "顺英", "竹青", "建国", "爱莲", "方生", "早香", "远辉", "连娣", "宝山", "小红"]
_STAFF_GIVEN = ["子涵", "俊杰", "雨桐", "浩然", "思琪", "建华", "丽娟", "志强", "晓燕", "伟", "敏", "静", "磊", "婷婷", "国庆", "春燕", "文博", "佳怡", "海涛", "雪梅", "立新", "红霞", "振宇", "若兰", "明哲", "秋月", "家豪", "欣然", "永刚", "美玲"]


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
REFUSED = frozenset({2, 9, 60})
MENDED = frozenset({5})
NO_CARD = frozenset({7, 13, 25, 38, 58, 79, 97, 110})


def households(rng: random.Random) -> list[HouseholdPlan]:
    """The 120 households, cooperative by cooperative, the same for the same random source."""
    names = [a + b for a in SURNAMES for b in _HOUSEHOLD_GIVEN]
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
    seventeen = f"000000{rng.randint(1950, 1988)}{rng.randint(1, 12):02d}{rng.randint(1, 28):02d}{place:03d}"
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
    return rng.choice(SURNAMES[:24]) + rng.choice(_STAFF_GIVEN)
