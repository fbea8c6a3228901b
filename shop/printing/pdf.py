"""Typst to PDF.

Data reaches a paper as one JSON text, read with ``json(bytes(sys.inputs.data))``: what people
typed is text there and never markup. Fonts come from ``static/vendor`` only and no time is
written into the file, so equal data gives equal bytes on every machine.
"""

from __future__ import annotations

import functools
import io
import json
from collections.abc import Iterable, Mapping
from typing import Any, Literal

import segno
import typst
from pypdf import PdfWriter

from shop.core.db import ROOT

SOURCES = ROOT / "templates" / "papers"
FONTS = ROOT / "static" / "vendor"


def render(paper: str, data: Mapping[str, Any], *, tagged: bool = True) -> bytes:
    """Set one paper as PDF.

    Args:
        paper: name of its source in ``templates/papers``, without ``.typ``.
        data: plain values; a key `link` becomes the QR code of the head.
        tagged: with the structure that reads it aloud; not for what goes to the printer in bulk,
            where it would be nine tenths of the file.

    Returns:
        The file; identical bytes for identical data.
    """
    file: bytes = _compile(paper, data, "pdf", tagged=tagged)
    return file


def joined(files: Iterable[bytes]) -> bytes:
    """Files one after another as one; equal files give equal bytes. They are untagged ones."""
    writer, out = PdfWriter(), io.BytesIO()
    for file in files:
        writer.append(io.BytesIO(file), import_outline=False)
    writer.write(out)
    return out.getvalue()


def _compile(
    paper: str,
    data: Mapping[str, Any],
    kind: Literal["pdf", "png"],
    ppi: float | None = None,
    tagged: bool = True,
) -> Any:
    content = dict(data)
    content["qr"] = qr_svg(content["link"]) if content.get("link") else ""
    inputs = {"data": json.dumps(content, ensure_ascii=False, sort_keys=True)}
    compiler = typst.Compiler(
        SOURCES / f"{paper}.typ", root=SOURCES, font_paths=_fonts(), sys_inputs=inputs
    )
    return compiler.compile(format=kind, ppi=ppi, pdf_tags=tagged)


def preview(paper: str, data: Mapping[str, Any], dots_per_inch: int = 200) -> list[bytes]:
    """The pages of a paper as PNG pictures, at the fineness of an office scanner."""
    pages = _compile(paper, data, "png", ppi=float(dots_per_inch))
    return pages if isinstance(pages, list) else [pages]


def qr_svg(link: str) -> str:
    """A QR code (level M, with its quiet zone of four modules) as SVG text."""
    out = io.BytesIO()
    segno.make(link, error="m", micro=False).save(
        out, kind="svg", border=4, xmldecl=False, svgns=True, nl=False, unit=None
    )
    return out.getvalue().decode()


@functools.cache
def _fonts() -> typst.Fonts:
    return typst.Fonts(
        include_system_fonts=False,
        include_embedded_fonts=False,
        font_paths=sorted(str(path) for path in FONTS.glob("noto-sans-sc-*")),
    )
