"""The verifier as one file that needs nothing else: its script and its style are put inside."""

from __future__ import annotations

import re

from shop.core.db import ROOT

_STATIC = ROOT / "static"
_CURVE = _STATIC / "vendor" / "noble-ed25519-2.3.0" / "index.js"
_IMPORT = re.compile(r"^import \{ verifyAsync \} from .*;$", re.MULTILINE)
_EXPORT = re.compile(r"^export \{.*\};$", re.MULTILINE)


def standalone(page: str) -> str:
    """A page with the comments ``<!-- style -->`` and ``<!-- script -->`` filled in."""
    style = (_STATIC / "css" / "verifier.css").read_text()
    return page.replace("<!-- style -->", f"<style>{style}</style>").replace(
        "<!-- script -->", f'<script type="module">{_script()}</script>'
    )


def _script() -> str:
    """Our module with the curve's inside, in a scope of its own."""
    curve, cut = _EXPORT.subn("", _CURVE.read_text())
    ours, found = _IMPORT.subn("", (_STATIC / "js" / "verifier.js").read_text())
    assert cut == found == 1, "the modules have changed their shape"
    script = f"const verifyAsync = (() => {{\n{curve}\nreturn verifyAsync; }})();\n{ours}"
    assert "</script" not in script
    return script
