"""Pages of alarms, mass rules and processes."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from products.lots.models import MassAlarm, MassRule, Process, ProcessStep
from products.lots.states import AlarmState
from shop.core import db
from tests.products.gate import Gate, at_the_gate
from tests.products.test_alarms import rule

ALARMS, RULES, PROCESSES = "/cooperative/alarms/", "/platform/mass-rules/", "/processes/"


@pytest.fixture
def gate(world) -> Gate:
    return at_the_gate(world)


@pytest.fixture
def alarm(gate, world) -> str:
    rule(world)
    gate.rough([(gate.leaf(gate.zhang, "20"), 20_000)], 10_000)
    with db.database().reading() as tx:
        return tx.execute(select(MassAlarm.public_id)).scalar_one()


def state() -> AlarmState:
    with db.database().reading() as tx:
        return tx.execute(select(MassAlarm.state)).scalar_one()


def test_whoever_recorded_it_sees_it_but_has_nothing_to_sign(client, gate, alarm, world):
    client.as_(world.manager)

    assert alarm in client.get(ALARMS).text
    page = client.get(ALARMS + alarm).text
    assert "这一批是您记录的" in page
    assert "签字</button>" not in page
    sent = client.post(ALARMS + alarm, data={"verdict": "clear", "reason": "没有问题"})
    assert sent.status_code == 403
    assert state() is AlarmState.OPEN


def test_the_operator_signs_from_the_list_of_all(client, gate, alarm, world):
    client.as_(world.operator)
    assert "等第二人签字的平衡报警" in client.get("/start").text
    assert "汤湖茶叶合作社" in client.get(ALARMS).text
    assert alarm not in client.get(f"{ALARMS}?cooperative={gate.other_cooperative}").text

    assert client.post(ALARMS + alarm, data={"verdict": "clear"}).status_code == 422
    assert client.post(ALARMS + alarm, data={"reason": "看过"}).status_code == 422
    done = client.post(ALARMS + alarm, data={"verdict": "confirm", "reason": "称重单对不上"})

    page = client.get(done.location).text
    assert state() is AlarmState.CONFIRMED
    for words in ("称重单对不上", "批次继续冻结", "吴越", "2 : 1", "3.8 到 5.5"):
        assert words in page


def test_others_do_not_see_alarms(client, alarm, world):
    assert client.as_(world.other_manager).get(ALARMS + alarm).status_code == 404
    assert alarm not in client.as_(world.other_manager).get(ALARMS).text
    assert client.as_(world.weigher).get(ALARMS).status_code == 403


def test_a_rule_is_set_and_the_old_one_stays_in_the_list(client, gate, world):
    client.as_(world.operator)
    form = {
        "category": "tea",
        "goods": "毛茶",
        "grade": "",
        "from_day": "2999-01-01",
        "ratio_low": "3.8",
        "ratio_high": "5.5",
        "most_grams_per_mu": "",
    }
    rule(world, goods="毛茶", ratio_low=400)

    done = client.post(RULES + "new", data=form)

    assert done.status_code == 303
    page = client.get(RULES).text
    for words in ("3.8 到 5.5", "4 到 5.5", "还没到", "在用"):
        assert words in page
    with db.database().reading() as tx:
        assert tx.execute(select(MassRule.ratio_low).order_by(MassRule.id)).scalars().all() == [
            400,
            380,
        ]


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"ratio_low": "x"}, "请填数字"),
        ({"ratio_low": "6"}, "下限不高于上限"),
        ({"ratio_low": "", "ratio_high": ""}, "至少要填一样"),
        ({"from_day": "2020-01-01"}, "最早从今天起"),
        ({"from_day": ""}, "请选日期"),
        ({"most_grams_per_mu": "0"}, "要大于零"),
    ],
)
def test_a_rule_that_cannot_be_is_said_beside_its_field(client, world, changes, words):
    client.as_(world.operator)
    form = {"category": "tea", "from_day": "2999-01-01", "ratio_low": "3", "ratio_high": "5"}

    page = client.post(RULES + "new", data={**form, **changes})

    assert page.status_code == 422
    assert words in page.text
    with db.database().reading() as tx:
        assert tx.execute(select(MassRule.id)).first() is None


def process_form(**changes) -> dict[str, str]:
    return {
        "category": "tea",
        "name": "红茶初制",
        "name_en": "Black tea",
        "makes": "红毛茶",
        "makes_en": "",
        "steps": "萎凋 | Withering\n\n 揉捻\n发酵｜Oxidising ",
        **changes,
    }


def steps(name: str) -> list[tuple[str, str]]:
    with db.database().reading() as tx:
        rows = tx.execute(
            select(ProcessStep.name, ProcessStep.name_en)
            .join(Process, Process.id == ProcessStep.process_id)
            .where(Process.name == name)
            .order_by(ProcessStep.position)
        )
        return [(row[0], row[1]) for row in rows]


def test_a_process_is_written_one_step_a_line(client, gate, world):
    client.as_(world.manager)

    done = client.post(PROCESSES + "new", data=process_form())

    assert done.status_code == 303
    assert steps("红茶初制") == [("萎凋", "Withering"), ("揉捻", ""), ("发酵", "Oxidising")]
    assert "红茶初制" in client.get(PROCESSES).text
    assert "红茶初制" not in client.as_(world.operator).get(PROCESSES).text


def test_an_edit_begins_with_what_stands_and_takes_its_place(client, gate, world):
    client.as_(world.manager)
    client.post(PROCESSES + "new", data=process_form())
    with db.database().reading() as tx:
        old = tx.execute(select(Process.public_id).where(Process.name == "红茶初制")).scalar_one()

    assert "萎凋 | Withering\n揉捻\n发酵 | Oxidising" in client.get(f"{PROCESSES}{old}/edit").text
    client.post(f"{PROCESSES}{old}/edit", data=process_form(name="红茶新制"))

    page = client.get(PROCESSES).text
    assert "红茶新制" in page
    assert "红茶初制" not in page
    assert client.get(f"{PROCESSES}{old}/edit").status_code == 404


def test_a_process_is_retired_by_whose_it_is(client, gate, world):
    client.as_(world.operator).post(PROCESSES + "new", data=process_form())
    with db.database().reading() as tx:
        for_all = tx.execute(
            select(Process.public_id).where(Process.name == "红茶初制")
        ).scalar_one()

    assert client.as_(world.manager).post(f"{PROCESSES}{for_all}/retire").status_code == 404
    assert "红茶初制" in client.get(PROCESSES).text
    assert client.as_(world.operator).post(f"{PROCESSES}{for_all}/retire").status_code == 303
    assert "红茶初制" not in client.get(PROCESSES).text


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"name": ""}, "请填名称"),
        ({"steps": " \n"}, "请写工序"),
        ({"steps": "\n".join("晾" for _ in range(21))}, "最多 20 道"),
    ],
)
def test_a_process_that_cannot_be_is_refused(client, world, changes, words):
    client.as_(world.manager)

    page = client.post(PROCESSES + "new", data=process_form(**changes))

    assert page.status_code == 422
    assert words in page.text
    assert steps("红茶初制") == []
