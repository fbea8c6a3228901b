"""What home brings to the application."""

from __future__ import annotations

from flask import Flask

from shop.home import audit_views, job_views, views
from shop.home.demo_roles import demo_doors
from shop.home.navigation import navigation


def register(app: Flask) -> None:
    """Front page, start page, auditor's desk, and the side navigation."""
    app.jinja_env.globals["navigation"] = navigation
    app.jinja_env.globals["demo_doors"] = demo_doors
    app.register_blueprint(views.bp)
    app.register_blueprint(audit_views.bp)
    app.register_blueprint(job_views.bp)
