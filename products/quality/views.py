"""Pages of certificates and tests for the cooperative that keeps them."""

from __future__ import annotations

import io
from collections.abc import Callable

from flask import (
    Blueprint,
    Response,
    current_app,
    flash,
    redirect,
    render_template,
    request,
    send_file,
    url_for,
)
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from products.certificates.states import CertificateKind
from products.quality import commands, public_queries, queries
from products.quality.forms import FileForm, IssueForm, PrintForm, ReissueForm, VoidCertificateForm
from products.quality.papers import certificate_data
from products.quality.rows import PAGE, CertificatePage, KeptFile
from products.quality.rules import paper_of
from shop.core import clock
from shop.core.errors import Refusal
from shop.core.permissions import Permission as P
from shop.organisations.acting import current_actor, current_organisation, requires
from shop.organisations.models import OrganisationKind
from shop.organisations.queries import OrganisationRow
from shop.printing import pdf
from shop.web.forms import ShopForm
from shop.web.views import reading

bp = Blueprint("certificates", __name__, url_prefix="/cooperative/certificates")

_KINDS = {kind.value: kind for kind in CertificateKind}


@bp.get("/")
@requires(P.LOT_READ)
def index() -> ResponseReturnValue:
    """The cooperative's certificates, found by number, goods or lot."""
    words = request.args.get("q", "")[:40]
    page = max(1, request.args.get("page", 1, type=int))
    kind = _KINDS.get(request.args.get("kind", ""))
    found = queries.search(
        reading(), _cooperative().id, current_actor(), words=words, kind=kind, page=page
    )
    return render_template(
        "products/quality/index.html",
        certificates=found,
        words=words,
        kind=kind,
        kinds=list(CertificateKind),
        pages=-(-found.found // PAGE),
    )


@bp.get("/due")
@requires(P.LOT_READ)
def due() -> ResponseReturnValue:
    """What runs out within thirty days, or has."""
    today = clock.day_of(clock.now())
    return render_template(
        "products/quality/due.html",
        due=queries.due(reading(), _cooperative().id, current_actor(), day=today),
        today=today,
        may_clear=current_actor().may(P.ALARM_DECIDE, _cooperative().id),
    )


@bp.get("/<certificate_id>")
@requires(P.LOT_READ)
def show(certificate_id: str) -> ResponseReturnValue:
    """One certificate: its lots, what came before and after it, printing."""
    page = _page(certificate_id)
    return render_template(
        "products/quality/show.html",
        page=page,
        form=PrintForm(formdata=None, data={"count": 6}),
        may_edit=_may_edit(),
    )


@bp.route("/of/<lot_id>/new", methods=["GET", "POST"])
@requires(P.CERTIFICATE_EDIT)
def issue(lot_id: str) -> ResponseReturnValue:
    """Issue a certificate for a lot that goes by none."""
    lot = queries.lot_named(reading(), lot_id, _cooperative().id, current_actor())
    form = IssueForm()
    if form.validate_on_submit():
        try:
            certificate = commands.issue_certificate.once(form.once.data)(
                lot_id=lot_id, basis=form.basis.data, actor=current_actor(), now=clock.now()
            )
        except Refusal as refusal:
            form.refuse(refusal)
        else:
            flash(_("合格证已开好，可以打印。"))
            return redirect(url_for("certificates.show", certificate_id=certificate), code=303)
    return render_template("products/quality/issue.html", lot=lot, form=form), form.status


@bp.route("/<certificate_id>/reissue", methods=["GET", "POST"])
@requires(P.CERTIFICATE_EDIT)
def reissue(certificate_id: str) -> ResponseReturnValue:
    """Put a new certificate in the place of this one."""
    form = ReissueForm()

    def act() -> str:
        return commands.reissue_certificate.once(form.once.data)(
            certificate_id=certificate_id,
            basis=form.basis.data,
            reason=form.reason.data,
            actor=current_actor(),
            now=clock.now(),
        )

    return _edit(certificate_id, form, "reissue", _("已换成新证，原来的证保留。"), act)


@bp.route("/<certificate_id>/void", methods=["GET", "POST"])
@requires(P.CERTIFICATE_EDIT)
def void(certificate_id: str) -> ResponseReturnValue:
    """Void a certificate."""
    form = VoidCertificateForm()

    def act() -> str:
        commands.void_certificate.once(form.once.data)(
            certificate_id=certificate_id,
            reason=form.reason.data,
            actor=current_actor(),
            now=clock.now(),
        )
        return certificate_id

    return _edit(certificate_id, form, "void", _("已作废。批次要再开一份，才有合格证。"), act)


@bp.route("/<certificate_id>/file/new", methods=["GET", "POST"])
@requires(P.CERTIFICATE_EDIT)
def keep_file(certificate_id: str) -> ResponseReturnValue:
    """Keep the scan of a certificate."""
    form = FileForm()

    def act() -> str:
        commands.keep_certificate_file.once(form.once.data)(
            certificate_id=certificate_id,
            scan=form.scan(),
            actor=current_actor(),
            now=clock.now(),
        )
        return certificate_id

    return _edit(certificate_id, form, "keep_file", _("扫描件已收存。"), act)


@bp.get("/<certificate_id>/file")
@requires(P.LOT_READ)
def file(certificate_id: str) -> ResponseReturnValue:
    """Download the scan of a certificate."""
    kept = queries.certificate_file(reading(), certificate_id, _cooperative().id, current_actor())
    return handed_out(kept)


@bp.get("/<certificate_id>/certificate.pdf")
@requires(P.LOT_READ)
def paper(certificate_id: str) -> ResponseReturnValue:
    """The certificate to print, on a sheet or as a sticker."""
    page = _page(certificate_id)
    form = PrintForm(request.args if request.args else None, data={"count": 6})
    if request.args and not form.validate():
        return render_template(
            "products/quality/show.html", page=page, form=form, may_edit=_may_edit()
        ), 422
    promise = public_queries.promise(reading(), certificate_id, day=clock.day_of(clock.now()))
    link = current_app.config["SHOP"].public_url.rstrip("/") + url_for(
        "promises.show", certificate_key=certificate_id
    )
    data = certificate_data(
        promise, page.row, paper_of(form.paper.data), form.count.data or 1, link=link
    )
    answer = Response(pdf.render("certificate", data), mimetype="application/pdf")
    name = f"certificate-{certificate_id}.pdf"
    answer.headers["Content-Disposition"] = f'inline; filename="{name}"'
    return answer


def handed_out(kept: KeptFile) -> ResponseReturnValue:
    """A scan as a download, never shown in the page."""
    return send_file(
        io.BytesIO(kept.content),
        mimetype=kept.media_type,
        as_attachment=True,
        download_name=kept.download_name,
    )


def _edit(
    certificate_id: str, form: ShopForm, what: str, done: str, act: Callable[[], str]
) -> ResponseReturnValue:
    """One form about one certificate: show it, do what it says, go to the one that stands."""
    page = _page(certificate_id)
    if form.validate_on_submit():
        try:
            standing = act()
        except Refusal as refusal:
            form.refuse(refusal)
        else:
            flash(done)
            return redirect(url_for("certificates.show", certificate_id=standing), code=303)
    return render_template(
        "products/quality/edit.html", page=page, form=form, what=what
    ), form.status


def _page(certificate_id: str) -> CertificatePage:
    return queries.certificate(reading(), certificate_id, _cooperative().id, current_actor())


def _cooperative() -> OrganisationRow:
    return current_organisation(OrganisationKind.COOPERATIVE)


def _may_edit() -> bool:
    return current_actor().may(P.CERTIFICATE_EDIT, _cooperative().id)
