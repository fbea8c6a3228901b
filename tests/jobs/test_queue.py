"""Jobs: asked for with a command, done in steps, never lost and never done twice."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from products.catalogue.models import Product
from shop.core import db
from shop.core.errors import NotFound
from shop.home.job_queries import job as job_row
from shop.jobs import queue
from shop.jobs.models import Job, JobState
from tests.world import NOW

EACH = 3


class Crash(Exception):
    """A worker that falls over."""


falls_at: set[int] = set()


@queue.step_of("tests_count")
def _count(tx, job, now):
    """Move the shelf life of the only product by one day for each thing done."""
    chunk = min(EACH, job.total - job.done)
    product = tx.execute(select(Product)).scalars().first()
    product.shelf_life_days += chunk
    tx.flush()
    if job.done in falls_at:
        falls_at.discard(job.done)
        raise Crash()
    job.done += chunk
    if job.done == job.total:
        job.finish(days=product.shelf_life_days)


@queue.step_of("tests_stuck")
def _stuck(tx, job, now):
    """A step that gets nowhere."""


@queue.step_of("tests_refuse")
def _refuse(tx, job, now):
    raise NotFound()


meanwhile: list[int] = []


@queue.look_of("tests_look")
def _look(tx, job):
    """Look at the shelf life, for one day more; another worker may get there first."""
    days = tx.execute(select(Product.shelf_life_days)).scalars().first()
    if meanwhile:
        queue._one_step(meanwhile.pop(), NOW)

    def step(tx, job, now):
        tx.execute(select(Product)).scalars().first().shelf_life_days = days + 1
        job.done += 1

    return step


@pytest.fixture(autouse=True)
def _nothing_falls():
    falls_at.clear()
    meanwhile.clear()


def ask(world, kind="tests_count", total=10, actor=None):
    with db.database().writing() as tx:
        return queue.ask(
            tx,
            kind,
            total=total,
            organisation_id=world.organisation_key("TH"),
            actor=actor or world.manager,
            now=NOW,
        )


def find(job_id):
    with db.database().reading() as tx:
        return tx.execute(select(Job).where(Job.public_id == job_id)).scalar_one()


def shelf_life(world):
    return world._one(select(Product.shelf_life_days))


def test_a_job_is_done_in_steps_and_says_what_came_of_it(world):
    before = shelf_life(world)
    job_id = ask(world)

    steps = queue.run_waiting(lambda: NOW)

    assert steps == 4
    assert shelf_life(world) == before + 10
    job = find(job_id)
    assert (job.state, job.done, job.ended_at) == (JobState.DONE, 10, NOW)
    assert f'"days": {before + 10}' in job.result
    assert queue.run_waiting(lambda: NOW) == 0


@pytest.mark.parametrize("at", [0, 3, 9])
def test_a_step_that_breaks_is_tried_again_and_repeats_nothing(world, at):
    before = shelf_life(world)
    falls_at.add(at)
    job_id = ask(world)

    queue.run_waiting(lambda: NOW)

    assert shelf_life(world) == before + 10
    assert find(job_id).state is JobState.DONE


def test_a_worker_that_is_gone_is_followed_by_another_only_when_its_lease_has_run_out(world):
    before = shelf_life(world)
    job_id = ask(world)
    key = queue._lease(NOW)
    queue._one_step(key, NOW)

    assert queue.run_waiting(lambda: NOW) == 0
    later = NOW + queue.LEASE
    assert queue.run_waiting(lambda: later) > 0

    assert shelf_life(world) == before + 10
    assert find(job_id).state is JobState.DONE


def test_while_a_step_looks_others_write_and_what_it_found_is_dropped_if_they_got_on(world):
    before = shelf_life(world)
    job_id = ask(world, "tests_look", total=3)
    meanwhile.append(world._one(select(Job.id)))

    queue.run_waiting(lambda: NOW)

    job = find(job_id)
    assert (job.state, job.done, job.tries) == (JobState.DONE, 3, 0)
    assert shelf_life(world) == before + 3


def test_a_step_that_gets_nowhere_fails_after_three_tries(world):
    job_id = ask(world, "tests_stuck")

    queue.run_waiting(lambda: NOW)

    job = find(job_id)
    assert (job.state, job.done, job.trouble) == (JobState.FAILED, 0, queue.BROKE)


def test_a_refusal_ends_a_job_with_its_sentence(world):
    job_id = ask(world, "tests_refuse")

    queue.run_waiting(lambda: NOW)

    assert find(job_id).trouble == NotFound.sentence


def test_a_job_asked_for_in_a_transaction_that_fails_is_not_there(world):
    def asked_for_in_vain():
        with db.database().writing() as tx:
            queue.ask(
                tx, "tests_count", total=1, organisation_id=None, actor=world.manager, now=NOW
            )
            raise Crash()

    with pytest.raises(Crash):
        asked_for_in_vain()

    assert queue.run_waiting(lambda: NOW) == 0


def test_its_page_is_for_whoever_asked_and_the_organisation(client, world):
    job_id = ask(world)

    page = client.as_(world.weigher).get(f"/jobs/{job_id}")
    assert page.headers["Refresh"] == "2"
    assert "第 0 / 10" in page.text
    assert client.as_(world.clerk).get(f"/jobs/{job_id}").status_code == 404
    queue.run_waiting(lambda: NOW + timedelta(minutes=5))
    ended = client.as_(world.manager).get(f"/jobs/{job_id}")
    assert "Refresh" not in ended.headers
    assert "已完成" in ended.text
    with db.database().reading() as tx, pytest.raises(NotFound):
        job_row(tx, job_id, world.other_manager)
