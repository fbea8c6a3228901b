"""Signing in, the demo's doors, the gallery, and what is shown when something is refused."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest
from flask import Flask

from shop.config import Config
from shop.core import vault
from shop.core.actors import CLOCK
from shop.core.permissions import Role
from shop.factory import create_app
from shop.identity.commands import make_link, register_user
from shop.organisations.commands import grant_role
from tests.conftest import open_database
from tests.world import KEYS, NOW, PASSWORD, World


@pytest.fixture
def demo(config: Config, world: World, database_url: str) -> Iterator[Flask]:
    """The application in demo mode, with one demo person."""
    app = create_app(replace(config, demo=True))
    app.config.update(TESTING=True, WTF_CSRF_ENABLED=False, PROPAGATE_EXCEPTIONS=False)
    connected = open_database(database_url)
    vault.configure(KEYS)
    user = register_user(
        name="演示经理", email="manager@demo.example", password="demo-demo-demo", now=NOW
    )
    grant_role(
        user_id=user,
        organisation_id=world.organisation("TH"),
        role=Role.MANAGER,
        actor=CLOCK,
        now=NOW,
    )
    yield app
    connected.close()


def test_the_sign_in_page_takes_a_password(client, world):
    answer = client.post("/sign-in", data={"email": "clerk@test.example", "password": PASSWORD})

    assert answer.status_code == 303


def test_a_wrong_password_is_told_beside_the_field_and_the_address_kept(client, world):
    answer = client.post("/sign-in", data={"email": "clerk@test.example", "password": "no"})

    html = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert "邮箱或密码不对" in html
    assert "clerk@test.example" in html


def test_outside_the_demo_nobody_enters_by_one_click(client, world):
    assert "演示身份" not in client.get("/sign-in").get_data(as_text=True)
    assert client.post(f"/sign-in/demo/{world.clerk.key}").status_code == 404


def test_the_demo_offers_each_role_by_one_click_and_says_what_it_does(demo):
    client = demo.test_client()
    html = client.get("/sign-in").get_data(as_text=True)
    door = html.split('action="/sign-in/demo/')[1].split('"')[0]

    assert "演示经理" in html
    assert "管农户、批次、库存、发货和发票。" in html
    assert "汤湖茶叶合作社" in html
    assert client.post(f"/sign-in/demo/{door}").status_code == 303
    assert "等发货的订单" in client.get("/start").get_data(as_text=True)


def test_the_gallery_shows_every_component_in_the_demo_only(demo, client):
    assert demo.test_client().get("/-/ui").status_code == 200
    assert client.get("/-/ui").status_code == 404


def test_opening_a_link_does_not_use_it_up_but_pressing_does(client, world):
    token = make_link(user_id=world.clerk.key, now=NOW)

    assert client.get(f"/sign-in/link/{token}").status_code == 200
    assert client.get(f"/sign-in/link/{token}").status_code == 200


def test_a_link_that_is_no_link_is_gone(client, world):
    answer = client.post("/sign-in/link/nonsense")

    assert answer.status_code == 410
    assert "已用过或已过期" in answer.get_data(as_text=True)


def test_what_is_not_there_and_what_is_not_allowed_is_said_in_sentences(client, world):
    assert "没有这一页" in client.get("/nowhere").get_data(as_text=True)
    assert "不归您看" in client.as_(world.clerk).get("/audit/").get_data(as_text=True)
    assert client.get("/t/7K2/scans").status_code == 405


def test_a_form_without_its_key_is_refused_in_a_sentence(config, world, database_url):
    app = create_app(config)
    app.config.update(TESTING=True, PROPAGATE_EXCEPTIONS=False)
    connected = open_database(database_url)

    answer = app.test_client().post("/sign-in", data={"email": "x", "password": "y"})

    connected.close()
    assert answer.status_code == 400
    assert "没有收到" in answer.get_data(as_text=True)
