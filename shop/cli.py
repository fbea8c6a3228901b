"""The command line: `flask --app wsgi …`."""

from __future__ import annotations

import os
import sys

import click
from flask import Flask, current_app

from orders.books import checks
from orders.books.statements import CHECKS
from products.proofs import cli as proofs
from shop.config import Config
from shop.core import clock, db
from shop.demo.cli import demo
from shop.jobs import timetable


def register(app: Flask) -> None:
    """Add our commands to `flask`."""
    for entry in (migrate, demo, serve, check_books, keep_timetable, *proofs.COMMANDS):
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
def check_books() -> None:
    """Check money, stock and mass against each other; says what does not add up."""
    with db.database().reading() as tx:
        findings = checks.check_books(tx)
    for finding in findings:
        click.echo(
            f"{finding.check}: {finding.thing}: expected {finding.expected}, found {finding.found}"
        )
    if findings:
        raise click.ClickException(f"{len(findings)} findings")
    click.echo(f"check-books: {len(CHECKS)} checks, nothing found")


@click.command("timetable")
def keep_timetable() -> None:
    """Run every entry of the timetable once, now."""
    for name, result in timetable.run_all(current_app, clock.now()).items():
        click.echo(f"{name}: {result}")


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
