"""What the web part brings to the application."""

from __future__ import annotations

from flask import Flask, request
from flask_babel import Babel
from flask_wtf import CSRFProtect
from jinja2 import StrictUndefined

from shop.config import Config
from shop.core.db import ROOT
from shop.web import assets, errors, filters, gallery, views
from shop.web.limits import limiter

csrf = CSRFProtect()
babel = Babel()


def register(app: Flask, config: Config) -> None:
    """Forms, languages, filters, static files and error pages."""
    app.config.update(
        SECRET_KEY=config.secret_key,
        MAX_CONTENT_LENGTH=8 * 1024 * 1024,
        MAX_FORM_MEMORY_SIZE=1024 * 1024,
        MAX_FORM_PARTS=2000,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=config.secure_cookies,
        SESSION_COOKIE_NAME="__Host-shop" if config.secure_cookies else "shop",
        WTF_CSRF_TIME_LIMIT=None,
        RATELIMIT_STORAGE_URI=config.limit_storage,
        BABEL_DEFAULT_LOCALE="zh_CN",
        BABEL_DEFAULT_TIMEZONE="Asia/Shanghai",
        BABEL_TRANSLATION_DIRECTORIES=str(ROOT / "shop" / "i18n"),
    )
    app.jinja_env.undefined = StrictUndefined
    app.jinja_env.trim_blocks = True
    app.jinja_env.lstrip_blocks = True
    csrf.init_app(app)
    babel.init_app(app, locale_selector=_locale)
    limiter.init_app(app)
    views.register(app)
    filters.register(app)
    assets.register(app)
    errors.register(app)
    app.register_blueprint(gallery.bp)

    @app.context_processor
    def _shell() -> dict[str, object]:
        return {
            "lang": "zh-CN" if views.language() == "zh" else "en",
            "languages": views.LANGUAGES,
            "config_demo": config.demo,
            "support_phone": config.support_phone,
            "here": request.full_path.rstrip("?"),
        }


def _locale() -> str:
    return "zh_CN" if views.language() == "zh" else "en"
