"""The cooperatives of the region and the villages their households live in; all invented."""

from __future__ import annotations

from typing import NamedTuple


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
