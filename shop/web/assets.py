"""Static files: served by WhiteNoise, each under a second name that carries its hash."""

from __future__ import annotations

import re
from hashlib import sha256
from pathlib import Path

from flask import Flask
from whitenoise import WhiteNoise

from shop.core.db import ROOT

_HASHED = re.compile(r"\.[0-9a-f]{12}\.[a-z0-9]+$")


def register(app: Flask) -> None:
    """Serve ``static/`` under ``/static/`` and give templates `asset(name)`, `picture(slug)`.

    A hashed name may be kept for ever by browsers; the plain one is asked for again.
    """
    root = ROOT / "static"
    files = WhiteNoise(
        app.wsgi_app,
        root=str(root),
        prefix="static/",
        max_age=0,
        immutable_file_test=lambda _path, url: bool(_HASHED.search(url)),
    )
    names: dict[str, str] = {}
    for url in list(files.files):
        if url.endswith((".br", ".gz", ".ttf")):
            continue
        name = url.removeprefix("/static/")
        path = root / name
        digest = sha256(path.read_bytes()).hexdigest()[:12]
        hashed = f"/static/{Path(name).with_suffix('')}.{digest}{path.suffix}"
        files.add_file_to_dictionary(hashed, str(path))
        names[name] = hashed
    app.wsgi_app = files  # type: ignore[method-assign]

    def asset(name: str) -> str:
        return names[name]

    def picture(slug: str) -> str:
        """A product's picture, or a plain one where none was drawn yet."""
        return names.get(f"img/products/{slug}.svg", names["img/empty.svg"])

    app.jinja_env.globals.update(asset=asset, picture=picture)
