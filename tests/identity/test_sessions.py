"""S4 to S6: letting in, letting out everywhere, closing a door for a while, telling nothing."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import update

from shop.core import db
from shop.identity.commands import (
    LINK_LIFE,
    EmailTaken,
    LinkSpent,
    end_sessions,
    make_link,
    register_user,
    sign_in,
    sign_in_by_link,
)
from shop.identity.doors import TRIES, WINDOW, DoorClosed
from shop.identity.models import User
from tests.world import NOW, PASSWORD

EMAIL = "clerk@test.example"


def tried(password: str, email: str = EMAIL, now=NOW) -> str | None:
    return sign_in(email=email, password=password, now=now)


def switched_off(key: str) -> None:
    with db.database().writing() as tx:
        tx.execute(update(User).where(User.public_id == key).values(active=False))


# --- passwords --------------------------------------------------------------------------------


def test_the_right_password_lets_in_however_the_address_is_written(world):
    assert tried(PASSWORD) == tried(PASSWORD, f"  {EMAIL.upper()} ") == world.clerk.key


@pytest.mark.parametrize("email", [EMAIL, "nobody@test.example", "approver@test.example", ""])
def test_a_wrong_password_an_unknown_address_and_one_without_password_answer_alike(world, email):
    assert tried("wrong", email) is None


def test_somebody_switched_off_is_not_let_in(world):
    switched_off(world.clerk.key)

    assert tried(PASSWORD) is None


def test_after_too_many_wrong_tries_even_the_right_password_waits(world):
    for _ in range(TRIES):
        assert tried("wrong") is None

    with pytest.raises(DoorClosed):
        tried(PASSWORD)
    with pytest.raises(DoorClosed):
        tried(PASSWORD, EMAIL.upper())


def test_a_closed_door_opens_again_by_itself(world):
    for _ in range(TRIES):
        tried("wrong")

    assert tried(PASSWORD, now=NOW + WINDOW) == world.clerk.key


def test_only_the_door_that_was_tried_is_closed(world):
    for _ in range(TRIES):
        tried("wrong", "nobody@test.example")

    assert tried(PASSWORD) == world.clerk.key


def test_a_right_try_forgets_the_wrong_ones(world):
    for _ in range(TRIES - 1):
        tried("wrong")
    tried(PASSWORD)
    tried("wrong")

    assert tried(PASSWORD) == world.clerk.key


def test_an_address_signs_in_one_person(world):
    with pytest.raises(EmailTaken):
        register_user(name="另一人", email=f" {EMAIL.upper()}", password=None, now=NOW)


# --- links ------------------------------------------------------------------------------------


def test_a_link_signs_in_once(world):
    token = make_link(user_id=world.clerk.key, now=NOW)

    assert sign_in_by_link(token=token, now=NOW) == world.clerk.key
    with pytest.raises(LinkSpent):
        sign_in_by_link(token=token, now=NOW)


def test_a_link_grows_old(world):
    token = make_link(user_id=world.clerk.key, now=NOW)

    with pytest.raises(LinkSpent):
        sign_in_by_link(token=token, now=NOW + LINK_LIFE)


def test_a_link_nobody_made_is_refused(world):
    with pytest.raises(LinkSpent):
        sign_in_by_link(token="made-up", now=NOW)


def test_a_link_does_not_let_in_somebody_switched_off(client, world):
    token = make_link(user_id=world.clerk.key, now=NOW + timedelta(days=3650))
    switched_off(world.clerk.key)

    client.post(f"/sign-in/link/{token}")

    assert client.get("/start").headers["Location"].startswith("/sign-in")


# --- sessions ---------------------------------------------------------------------------------


def test_a_session_ends_when_its_person_is_signed_out_everywhere(client, world):
    client.as_(world.clerk)
    assert client.get("/start").status_code == 200

    end_sessions(user_id=world.clerk.key, now=NOW)

    assert client.get("/start").headers["Location"].startswith("/sign-in")


def test_a_session_ends_when_its_person_is_switched_off(client, world):
    client.as_(world.clerk)
    switched_off(world.clerk.key)

    assert client.get("/start").headers["Location"].startswith("/sign-in")


def test_signing_out_ends_the_session(client, world):
    client.as_(world.clerk)

    client.post("/sign-out")

    assert client.get("/start").headers["Location"].startswith("/sign-in")


def test_a_session_cookie_that_was_touched_is_nobodys(client, world):
    client.as_(world.clerk)
    cookie = client.get_cookie("shop")
    body, *seal = cookie.decoded_value.split(".")
    client.set_cookie("shop", ".".join([body[:-2] + "AA", *seal]))

    assert client.get("/start").headers["Location"].startswith("/sign-in")


def test_the_cookie_is_kept_from_scripts_and_other_sites(client):
    answer = client.post("/sign-in", data={"email": EMAIL, "password": PASSWORD})

    cookie = answer.headers["Set-Cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie


def test_signing_in_leads_to_the_page_that_was_asked_for_on_this_site_only(client):
    data = {"email": EMAIL, "password": PASSWORD}

    home = client.post("/sign-in?next=/purchases/", data=data)
    away = client.post("/sign-in?next=//evil.example", data=data)

    assert home.headers["Location"] == "/purchases/"
    assert away.headers["Location"] == "/start"
