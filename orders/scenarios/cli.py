"""Scenarios on the command line, for auditors and for the examples of docs/money.md."""

from __future__ import annotations

import json
from typing import BinaryIO

import click

from orders.scenarios.playing import play
from orders.scenarios.queries import outcome
from orders.scenarios.reading import Refused
from orders.scenarios.rules import read_scenario
from orders.scenarios.stage import empty_database


@click.command("scenario")
@click.argument("file", type=click.File("rb"))
def play_scenario(file: BinaryIO) -> None:
    """Play the small story in FILE (JSON; - for standard input) and print how it ends.

    It is played in an empty database in memory, through the commands people use; the shop's own
    database is not touched. What cannot be is refused with its place and the reason.
    """
    try:
        scenario = read_scenario(file.read())
        with empty_database() as opened:
            playing = play(scenario)
            with opened.reading() as tx:
                lots = {lot.id: playing.store.sources[lot.id] for lot in scenario.lots}
                ended = outcome(tx, playing.stage.households, lots)
    except Refused as refused:
        click.echo(f"refused: {refused}", err=True)
        raise SystemExit(2) from None
    click.echo(json.dumps(ended, ensure_ascii=False, indent=2))


COMMANDS = (play_scenario,)
