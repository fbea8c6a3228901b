"""Random stories, played on the ledger and audited from outside, to the fen after every event.

`STORIES` in the environment is how many are played; each has a database of its own. `make stories`
plays thousands.
"""

from __future__ import annotations

import json
import os
from contextlib import ExitStack

from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    rule,
    run_state_machine_as_test,
)

from orders.payouts.covering import cover
from orders.payouts.rules import Claim
from orders.register import subscribe
from orders.scenarios import playing
from orders.scenarios.queries import outcome
from orders.scenarios.rules import Event, read_scenario
from shop.core import db, vault
from tests import databases
from tests.auditor import Auditor, balance_sheet
from tests.conftest import open_database
from tests.orders.scenarios.telling import STORIES, next_event
from tests.world import KEYS

COUNT = int(os.environ.get("STORIES", "5"))
EVENTS = int(os.environ.get("STORY_EVENTS", "25"))
MANY = settings(
    max_examples=COUNT,
    # A story is read as it is: making a failing one shorter takes longer than reading it.
    phases=(Phase.explicit, Phase.reuse, Phase.generate),
    stateful_step_count=EVENTS,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)


class Telling(RuleBasedStateMachine):
    """One story: whatever may happen next, happens in the shop and in the auditor's head."""

    template = ""

    def __init__(self) -> None:
        super().__init__()
        self.open = ExitStack()
        url = self.open.enter_context(databases.copied(self.template))
        self.database = open_database(url)
        self.open.callback(self.database.close)
        vault.configure(KEYS)
        subscribe()
        self.events, self.returned = 0, False

    @initialize(story=STORIES)
    def begins(self, story):
        read = read_scenario(json.dumps(story).encode())
        self.audit = Auditor(story)
        self.playing = playing.begin(read)
        self.lots = {lot.id: self.playing.store.sources[lot.id] for lot in read.lots}
        self.agrees()

    @rule(data=st.data())
    def goes_on(self, data):
        event = data.draw(next_event(self.audit, self.events))
        self.events += 1
        self.audit.happen(event)
        self.playing.happen(Event(**event), "here")
        self.returned = self.returned or event["do"] == "return"
        self.agrees()

    def agrees(self):
        with db.database().reading() as tx:
            told = outcome(tx, self.playing.stage.households, self.lots)
            after_households = {claim: left for claim, _amount, left in cover(tx).left()}[
                Claim.HOUSEHOLDS
            ]
        assert told == self.audit.figures()
        # What households are owed lies in custody, beyond what is buyers' and what is on its way,
        # but for what was refunded after they had earned it.
        assert after_households.fen >= (-told["refunded_fen"] if self.returned else 0)
        assets, owed = balance_sheet(told)
        assert assets == owed

    def teardown(self):
        self.open.close()


def test_the_ledger_agrees_with_an_auditor_after_every_event(template_database):
    class Here(Telling):
        template = template_database

    run_state_machine_as_test(Here, settings=MANY)
