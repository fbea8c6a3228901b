"""What organisations bring to the application."""

from __future__ import annotations

from flask import Flask

from shop.organisations import account_views, key_views, views
from shop.organisations.acting import may_open


def register(app: Flask) -> None:
    """The page that switches between one's organisations, keys; what a reader may open."""
    app.register_blueprint(views.bp)
    app.register_blueprint(key_views.bp)
    app.register_blueprint(account_views.bp)
    app.jinja_env.globals["may_open"] = may_open
