"""The public log: its page, its files, the verifier, and bundles of packed lots."""

from __future__ import annotations

from flask import (
    Blueprint,
    Response,
    flash,
    redirect,
    render_template,
    stream_with_context,
    url_for,
)
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from products.proofs import archive, bundles, cosigning, queries, tiles, verifier
from products.proofs.forms import CosignForm
from shop.core import clock
from shop.core.actors import VISITOR
from shop.core.errors import NotFound, Refusal
from shop.web.views import open_to_all, reading

bp = Blueprint("log", __name__, url_prefix="/log")

FOR_EVER = "public, max-age=31536000, immutable"
ASK_AGAIN = "public, no-cache"


@bp.get("/")
@open_to_all
def index() -> ResponseReturnValue:
    """What the log is, how to check it, and every checkpoint."""
    return render_template(
        "products/proofs/index.html", page=queries.page(reading()), limit=queries.ARCHIVED
    )


@bp.get("/checkpoint")
@open_to_all
def checkpoint() -> ResponseReturnValue:
    """The newest checkpoint with every signature, as a signed note."""
    return _text(queries.note(reading()), ASK_AGAIN)


@bp.get("/checkpoints/<int:size>")
@open_to_all
def checkpoint_of(size: int) -> ResponseReturnValue:
    """The checkpoint of that size; cosignatures may still be added to it."""
    return _text(queries.note(reading(), size), ASK_AGAIN)


@bp.get("/vkey")
@open_to_all
def vkey() -> ResponseReturnValue:
    """The log's public key as one word."""
    return _text(queries.page(reading()).vkey + "\n", ASK_AGAIN)


@bp.get("/cosigners")
@open_to_all
def cosigners() -> ResponseReturnValue:
    """The cosigners' public keys, one a line."""
    return _text(queries.keys(reading()), ASK_AGAIN)


@bp.get("/tile/<int:level>/<path:tile>")
@open_to_all
def tile(level: int, tile: str) -> ResponseReturnValue:
    """A tile of the tree, at its address in C2SP tlog-tiles."""
    number, width = _place(tile)
    hashes = queries.tile(reading(), level, number, width)
    answer = Response(hashes, mimetype="application/octet-stream")
    answer.headers["Cache-Control"] = FOR_EVER
    return answer


@bp.get("/entries/<path:entries>")
@open_to_all
def entries(entries: str) -> ResponseReturnValue:
    """256 events, or fewer at the end: place, digest and chain of each on a line."""
    number, width = _place(entries)
    return _text(queries.entries(reading(), number, width), FOR_EVER)


@bp.get("/log.zip")
@open_to_all
def everything() -> ResponseReturnValue:
    """All public files in one archive, up to a stated number of events."""
    parts = archive.stream(queries.public_files(reading()))
    answer = Response(stream_with_context(parts), mimetype="application/zip")
    answer.headers["Content-Disposition"] = 'attachment; filename="log.zip"'
    return answer


@bp.get("/bundle/<packed_id>.json")
@open_to_all
def bundle(packed_id: str) -> ResponseReturnValue:
    """The offline bundle of a packed lot, to be kept with the box."""
    proof = bundles.lot_bundle(reading(), bundles.lot_of(reading(), packed_id))
    answer = Response(bundles.text_of(proof), mimetype="application/json")
    answer.headers["Content-Disposition"] = f'attachment; filename="{packed_id}.json"'
    return answer


@bp.get("/verify")
@open_to_all
def verify() -> ResponseReturnValue:
    """Check a bundle on this page; nothing is sent anywhere."""
    return render_template("products/proofs/verify.html", page=queries.page(reading()))


@bp.get("/verifier.html")
@open_to_all
def verifier_file() -> ResponseReturnValue:
    """The same page as one file, to be kept and used without a network."""
    page = render_template("products/proofs/verifier_file.html", page=queries.page(reading()))
    # A file to be saved: as a page of this site its own script would not be let run.
    answer = Response(verifier.standalone(page), mimetype="application/octet-stream")
    answer.headers["Content-Disposition"] = 'attachment; filename="verifier.html"'
    return answer


@bp.route("/cosign", methods=["GET", "POST"])
@open_to_all
def cosign() -> ResponseReturnValue:
    """Bring back a cosigned checkpoint; only registered keys count, whoever brings it."""
    form = CosignForm()
    if form.validate_on_submit():
        try:
            names = cosigning.cosign.once(form.once.data)(
                note=form.brought, actor=VISITOR, now=clock.now()
            )
        except Refusal as refusal:
            form.refuse(refusal)
        else:
            flash(_("已收下 %(names)s 的联署，谢谢。", names=_("、").join(names)), "ok")
            return redirect(url_for("log.index", _anchor="archive"), code=303)
    return render_template("products/proofs/cosign.html", form=form), form.status


def _place(path: str) -> tuple[int, int]:
    found = tiles.read_number_path(path)
    if found is None:
        raise NotFound()
    return found


def _text(content: str, keep: str) -> Response:
    answer = Response(content, mimetype="text/plain")
    answer.headers["Cache-Control"] = keep
    return answer
