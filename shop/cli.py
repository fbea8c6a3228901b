"""The command line: `flask --app wsgi …`."""

from __future__ import annotations

import os
import sys

import click
from flask import Flask, current_app
from flask_babel import force_locale

from orders.books import checks
from orders.recalls import drills
from orders.recalls.scope import Scope
from orders.recalls.states import ScopeKind
from orders.scenarios import cli as scenarios
from products.proofs import cli as proofs
from shop.config import Config
from shop.core import clock, db
from shop.core.actors import CLOCK
from shop.core.errors import Refusal
from shop.demo.cli import demo
from shop.jobs import timetable


def register(app: Flask) -> None:
    """Add our commands to `flask`."""
    commands = (migrate, demo, serve, check_books, keep_timetable, recall_drill)
    for entry in (*commands, *proofs.COMMANDS, *scenarios.COMMANDS):
        app.cli.add_command(entry)


def _config() -> Config:
    config: Config = current_app.config["SHOP"]
    return config


@click.command()
def migrate() -> None:
    """Bring the database to the newest shape."""
    db.migrate(_config().database_url)
    click.echo("database ready")


@click.command("check-books")
@click.option("--times", is_flag=True, help="Say how long each statement took.")
def check_books(times: bool) -> None:
    """Check money, stock and mass against each other; says what does not add up."""
    findings: list[checks.Finding] = []
    for checked in checks.check_side_by_side(db.database()):
        findings += checked.findings
        if times:
            click.echo(f"{checked.milliseconds:>8} ms  {checked.check}")
    for finding in findings:
        click.echo(
            f"{finding.check}: {finding.thing}: expected {finding.expected}, found {finding.found}"
        )
    if findings:
        raise click.ClickException(f"{len(findings)} findings")
    click.echo(f"check-books: {len(checks.CHECKS)} checks, nothing found")


@click.command("timetable")
def keep_timetable() -> None:
    """Run every entry of the timetable once, now."""
    for name, result in timetable.run_all(current_app, clock.now()).items():
        click.echo(f"{name}: {result}")


@click.command("recall-drill")
@click.argument("lot")
def recall_drill(lot: str) -> None:
    """Drill a recall from a lot (its number): every order, recipient and box, against the clock."""
    try:
        with force_locale("zh_CN"):
            drilled = drills.run(
                Scope(ScopeKind.LOT, what=lot),
                reason="演练",
                advice="演练，不用处理。",
                actor=CLOCK,
                clock=clock.now,
            )
    except Refusal as refusal:
        raise click.ClickException(refusal.code) from refusal
    page = drilled.page
    click.echo(f"{page.row.number} (drill, nothing frozen, nobody told) from {page.row.began_with}")
    click.echo(f"lots: {len(page.lots)}")
    click.echo(f"households: {page.row.households}")
    click.echo(f"orders: {len(page.to_buyers)}")
    click.echo(f"units with buyers: {page.units}")
    click.echo(f"units waiting: {sum(one.waiting_units for one in page.to_buyers)}")
    click.echo(f"units free in store: {sum(one.left_units for one in page.lots)}")
    click.echo(f"workbook: {len(drilled.workbook)} bytes")
    click.echo(f"elapsed: {drilled.milliseconds / 1000:.3f} s")


@click.command()
def serve() -> None:
    """Serve the shop with gunicorn; prints the address."""
    config = _config()
    click.echo(f"Shanhuo 山货: http://{config.host}:{config.port}/  (Ctrl-C ends it)")
    db.database().close()
    sys.stdout.flush()
    os.execv(  # noqa: S606 (our own interpreter, our own arguments)
        sys.executable,
        [
            sys.executable,
            "-m",
            "gunicorn",
            "--config",
            "gunicorn.conf.py",
            "--bind",
            f"{config.host}:{config.port}",
            "wsgi:app",
        ],
    )
