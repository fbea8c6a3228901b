"""What identity brings to the application."""

from __future__ import annotations

from flask import Flask

from shop.identity import sessions, views


def register(app: Flask) -> None:
    """Sessions and the sign-in pages."""
    sessions.register(app)
    app.register_blueprint(views.bp)
