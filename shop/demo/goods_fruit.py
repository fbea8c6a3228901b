"""The fruit of the region."""

from __future__ import annotations

from functools import partial

from products.catalogue.states import Category
from shop.demo.goods import Good, Window

_NAVEL: tuple[Window, ...] = (((11, 5), (1, 10)),)
_fruit = partial(Good, category=Category.FRUIT, fresh=True)
_navel = partial(
    _fruit,
    name="赣南脐橙",
    name_en="Gannan navel oranges",
    pack="10 斤装（果径 75–85 毫米）",
    pack_en="5 kg box, 75–85 mm",
    unit="箱",
    unit_en="box",
    net_grams=5000,
    season="11 月至次年 1 月",
    season_en="November to January",
    harvest=_NAVEL,
    shelf_days=45,
    gi=True,
)

FRUIT = (
    _fruit(
        slug="suichuan-jinju",
        county="suichuan",
        name="遂川金桔",
        name_en="Suichuan kumquats",
        pack="5 斤装",
        pack_en="2.5 kg box",
        unit="箱",
        unit_en="box",
        net_grams=2500,
        yuan=45,
        season="11 月至次年 1 月",
        season_en="November to January",
        harvest=(((11, 8), (1, 20)),),
        shelf_days=35,
        story="连皮吃的小果子，皮甜肉微酸。树种在屋前屋后，挂果到过年，随采随发，不打蜡。",
        story_en="A small fruit eaten whole: sweet peel, slightly sour inside. The trees stand "
        "around the houses and bear until the new year. Picked to order, not waxed.",
    ),
    _fruit(
        slug="yongxin-miyou",
        county="yongxin",
        name="井冈蜜柚（永新）",
        name_en="Jinggang honey pomelo, Yongxin",
        pack="2 个装，约 5 斤",
        pack_en="Two fruits, about 2.5 kg",
        unit="箱",
        unit_en="box",
        net_grams=2500,
        yuan=39,
        season="10 月至 11 月",
        season_en="October and November",
        harvest=(((10, 8), (11, 20)),),
        shelf_days=75,
        story="永新的柚子多种在缓坡和房前，十月转黄。摘下先放几天，水分回匀了再装箱，剥开时清香。",
        story_en="Yongxin's pomelos grow on gentle slopes and in front of houses and turn yellow "
        "in October. They rest some days after picking, so that the juice settles, before boxing.",
    ),
    _fruit(
        slug="wanan-miyou",
        county="wanan",
        name="井冈蜜柚（万安）",
        name_en="Jinggang honey pomelo, Wan'an",
        pack="5 斤装",
        pack_en="2.5 kg box",
        unit="箱",
        unit_en="box",
        net_grams=2500,
        yuan=38,
        season="10 月",
        season_en="October",
        harvest=(((10, 5), (10, 30)),),
        shelf_days=75,
        story="万安在赣江中游，柚园靠江边丘陵，昼夜温差大。每箱按重量配好，大小略有不同。",
        story_en="Wan'an lies on the middle Gan river; its groves on the river hills have warm "
        "days and cool nights. Boxes are made up by weight, so fruits differ a little in size.",
    ),
    _navel(
        slug="anyuan-qicheng",
        county="anyuan",
        yuan=59,
        story="安远是东江源头县之一，脐橙园在红壤坡上。果子在树上等到十一月转足颜色才剪，"
        "一箱只装一户的果，箱上的码写着哪个村。",
        story_en="Anyuan is one of the source counties of the East River; its orange groves stand "
        "on red slopes. Fruit stays on the tree until it has coloured in November. One box holds "
        "one household's fruit, and its code names the village.",
    ),
    _navel(
        slug="xunwu-qicheng",
        county="xunwu",
        yuan=58,
        story="寻乌的橙园经历过砍树重种，现在是隔离大棚里育的新苗。新园第四年挂果，果皮薄，汁多。",
        story_en="Xunwu's groves were felled and planted anew with saplings raised under netting. "
        "The new trees bear in their fourth year: thin-skinned, juicy fruit.",
    ),
    _navel(
        slug="ruijin-qicheng",
        county="ruijin",
        yuan=56,
        story="瑞金的脐橙采得稍早，十一月就能发货。合作社过一道分级线，按果径装箱，落地果不装。",
        story_en="Ruijin picks a little earlier and ships from November. The cooperative grades by "
        "diameter; windfalls are left out.",
    ),
    _fruit(
        slug="huichang-juyou",
        county="huichang",
        name="会昌橘柚",
        name_en="Huichang tangelos",
        pack="5 斤装",
        pack_en="2.5 kg box",
        unit="箱",
        unit_en="box",
        net_grams=2500,
        yuan=42,
        season="11 月至次年 1 月",
        season_en="November to January",
        harvest=(((11, 10), (1, 10)),),
        shelf_days=45,
        story="橘和柚的杂交果，皮比橘厚，比柚好剥，汁水足。采下来贮几天，酸味退了再发。",
        story_en="A cross of mandarin and pomelo: easier to peel than one, juicier than the other. "
        "Kept some days after picking until the sharpness has gone.",
    ),
    _fruit(
        slug="nankang-tianyou",
        county="nankang",
        name="南康甜柚",
        name_en="Nankang sweet pomelo",
        pack="5 斤装",
        pack_en="2.5 kg box",
        unit="箱",
        unit_en="box",
        net_grams=2500,
        yuan=40,
        season="10 月",
        season_en="October",
        harvest=(((10, 6), (10, 31)),),
        shelf_days=75,
        story="南康家家门口有柚树，老品种，肉质脆甜。柚皮别扔，当地人用来焖肉。",
        story_en="Nearly every house in Nankang has a pomelo tree at the door: an old variety, "
        "crisp and sweet. Keep the peel; here it is braised with pork.",
    ),
    _fruit(
        slug="yanling-huangtao",
        county="yanling",
        name="炎陵黄桃",
        name_en="Yanling yellow peaches",
        pack="5 斤装，12 个",
        pack_en="2.5 kg box of twelve",
        unit="箱",
        unit_en="box",
        net_grams=2500,
        yuan=68,
        season="7 月 20 日起至 8 月，由低处往高处采",
        season_en="From 20 July through August, the lower groves first",
        harvest=(((7, 20), (8, 20)),),
        shelf_days=14,
        gi=True,
        story="黄桃按海拔一层一层熟，低处先采，高处要等到八月中。每个桃都套过袋，"
        "单果装格，软了再吃最甜。",
        story_en="The peaches ripen by altitude: the low groves first, the high ones in the middle "
        "of August. Each was bagged on the tree and travels in a cell of its own. Sweetest when "
        "soft.",
    ),
    _fruit(
        slug="yizhang-qicheng",
        county="yizhang",
        name="宜章脐橙",
        name_en="Yizhang navel oranges",
        pack="10 斤装",
        pack_en="5 kg box",
        unit="箱",
        unit_en="box",
        net_grams=5000,
        yuan=52,
        season="11 月至次年 1 月",
        season_en="November to January",
        harvest=_NAVEL,
        shelf_days=45,
        story="宜章在湖南最南边，橙园连着山。冬天少霜，果子能挂到元旦前后分批采。",
        story_en="Yizhang is Hunan's far south, its groves running into the hills. Frost is rare, "
        "so the fruit can hang and be picked in turns until the new year.",
    ),
)
