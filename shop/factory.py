"""Building the application: the one place that knows every package."""

from __future__ import annotations

from datetime import timedelta

from flask import Flask

import orders.register
import products.register
import shop.home.register
import shop.identity.register
import shop.organisations.register
import shop.web.register
from shop import cli
from shop.config import Config
from shop.core import db, policy, vault
from shop.core.db import ROOT


def create_app(config: Config) -> Flask:
    """Build the application; called by wsgi.py, the command line and the tests."""
    app = Flask("shop", template_folder=str(ROOT / "templates"), static_folder=None)
    app.config["SHOP"] = config
    db.connect(config.database_url)
    vault.configure(config.vault_keys())
    policy.configure(
        policy.Policy(
            reserve=timedelta(days=config.reserve_days),
            pay=timedelta(days=config.pay_days),
            silence=timedelta(days=config.silence_days),
            silence_fresh=timedelta(days=config.silence_days_fresh),
            company_prefix=config.gs1_prefix,
        )
    )
    shop.web.register.register(app, config)
    for package in (
        shop.identity.register,
        shop.organisations.register,
        products.register,
        orders.register,
        shop.home.register,
    ):
        package.register(app)
    cli.register(app)
    return app
