"""`flask demo`: load the demo region, and say how to walk through it."""

from __future__ import annotations

import json
import time
from dataclasses import asdict
from pathlib import Path

import click
from flask import current_app
from flask.cli import with_appcontext

from shop.config import Config
from shop.core import clock
from shop.demo import load
from shop.demo.finale import Card
from shop.demo.people import SIGN_INS
from shop.demo.region import PASSWORD


@click.command()
@with_appcontext
def demo() -> None:
    """Load the demo region into an empty database; harmless when it is there already."""
    config: Config = current_app.config["SHOP"]
    printed = config.var / "demo-card.json"
    try:
        loaded = load.is_loaded()
    except load.NotEmpty:
        raise click.ClickException(
            "this database holds a shop of its own; the demo region wants an empty one"
        ) from None
    if loaded:
        click.echo("demo region: loaded already, nothing changed")
        card = _kept(printed)
    else:
        started = time.monotonic()
        card = load.load(clock.now())
        printed.parent.mkdir(parents=True, exist_ok=True)
        printed.write_text(json.dumps(asdict(card), ensure_ascii=False))
        printed.chmod(0o600)
        click.echo(f"demo region: loaded in {time.monotonic() - started:.1f} s")
    _say(config, card)


def _kept(printed: Path) -> Card | None:
    """The card printed when the region was loaded; none when that was on another machine."""
    return Card(**json.loads(printed.read_text())) if printed.exists() else None


def _say(config: Config, card: Card | None) -> None:
    click.echo(f"\nSign in with the password {PASSWORD} as")
    for person in SIGN_INS:
        click.echo(
            f"  {person.email:<26} {person.name}  {person.role.label} · {person.organisation}"
        )
    if not config.demo:
        click.echo("With SHOP_DEMO=1 the sign-in page offers each of them by one click.")
    if card:
        click.echo(f"\nA household's statement: {card.name}, code {card.code}, PIN {card.pin}")
