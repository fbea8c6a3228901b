"""The command line: `flask --app wsgi …`."""

from __future__ import annotations

import os
import sys

import click
from flask import Flask, current_app

from shop.config import Config
from shop.core import db
from shop.demo.cli import demo


def register(app: Flask) -> None:
    """Add our commands to `flask`."""
    for entry in (migrate, demo, serve):
        app.cli.add_command(entry)


def _config() -> Config:
    config: Config = current_app.config["SHOP"]
    return config


@click.command()
def migrate() -> None:
    """Bring the database to the newest shape."""
    db.migrate(_config().database_url)
    click.echo("database ready")


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
