"""The 24 counties of the region and their places on the tile grid (示意格: no map, no scale)."""

from __future__ import annotations

from typing import NamedTuple


class CountyPlan(NamedTuple):
    """One county; `column` counts from the west, `row` from the north."""

    code: str
    name: str
    name_en: str
    province: str
    column: int
    row: int


COUNTIES = (
    CountyPlan("lianhua", "莲花县", "Lianhua", "江西", 2, 0),
    CountyPlan("anren", "安仁县", "Anren", "湖南", 0, 1),
    CountyPlan("chaling", "茶陵县", "Chaling", "湖南", 1, 1),
    CountyPlan("yongxin", "永新县", "Yongxin", "江西", 2, 1),
    CountyPlan("lean", "乐安县", "Le'an", "江西", 6, 1),
    CountyPlan("yanling", "炎陵县", "Yanling", "湖南", 1, 2),
    CountyPlan("jinggangshan", "井冈山市", "Jinggangshan", "江西", 2, 2),
    CountyPlan("wanan", "万安县", "Wan'an", "江西", 4, 2),
    CountyPlan("ningdu", "宁都县", "Ningdu", "江西", 6, 2),
    CountyPlan("guidong", "桂东县", "Guidong", "湖南", 2, 3),
    CountyPlan("suichuan", "遂川县", "Suichuan", "江西", 3, 3),
    CountyPlan("xingguo", "兴国县", "Xingguo", "江西", 5, 3),
    CountyPlan("shicheng", "石城县", "Shicheng", "江西", 7, 3),
    CountyPlan("shangyou", "上犹县", "Shangyou", "江西", 3, 4),
    CountyPlan("zhanggong", "章贡区", "Zhanggong", "江西", 4, 4),
    CountyPlan("ganxian", "赣县区", "Ganxian", "江西", 5, 4),
    CountyPlan("yudu", "于都县", "Yudu", "江西", 6, 4),
    CountyPlan("ruijin", "瑞金市", "Ruijin", "江西", 7, 4),
    CountyPlan("yizhang", "宜章县", "Yizhang", "湖南", 0, 5),
    CountyPlan("rucheng", "汝城县", "Rucheng", "湖南", 1, 5),
    CountyPlan("nankang", "南康区", "Nankang", "江西", 4, 5),
    CountyPlan("huichang", "会昌县", "Huichang", "江西", 6, 5),
    CountyPlan("anyuan", "安远县", "Anyuan", "江西", 5, 6),
    CountyPlan("xunwu", "寻乌县", "Xunwu", "江西", 6, 6),
)
