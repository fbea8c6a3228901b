"""What organisations bring to the application."""

from __future__ import annotations

from flask import Flask

from shop.organisations import views


def register(app: Flask) -> None:
    """The page that switches between one's organisations."""
    app.register_blueprint(views.bp)
