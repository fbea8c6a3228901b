"""Which certificate a lot goes by: steps that work in their caller's transaction.

A delivery goes by its household's certificate, and so does what is packed of it alone. Mixed goods
need a new one, which is issued with the lot; so does what has none when it is packed.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from products.certificates import issuing
from products.certificates.models import Certificate
from products.lots.models import Lot
from products.lots.taking import Mixture
from shop.core.actors import Actor
from shop.core.errors import Refusal
from shop.core.labels import N_
from shop.organisations.models import Organisation


class CertificateMissing(Refusal):
    """Mixed goods do not go by the certificate of a part of them (混装须重新开具)."""

    code = "certificate_missing"
    sentence = N_("混在一起的货不能沿用其中一批的合格证：编号空着，系统会开一份新的。")
    status = 422
    field = "certificate"


def for_mixture(
    tx: Session,
    cooperative: Organisation,
    lot: Lot,
    mixture: Mixture,
    *,
    given: str,
    anew: bool,
    now: datetime,
) -> Certificate:
    """The certificate a blend or a packed lot will go by; `write_lot` hands it to the lot.

    Args:
        lot: with its name and grams, not yet written.
        given: number of one issued elsewhere, or empty.
        anew: issue one even where goods of a single household could keep theirs.

    Raises:
        CertificateMissing: the number given is that of a part of the mixture.
        CertificateUsed: see `issuing.issue`.

    Rule: 农产品质量安全承诺达标合格证管理办法, mixed lots need a new certificate.
    """
    parents = [take.parent for take in mixture.taken]
    if mixture.is_mixed and given and given in {parent.certificate for parent in parents}:
        raise CertificateMissing()
    if not (mixture.is_mixed or anew) and given in ("", parents[0].certificate):
        kept = issuing.carried(tx, parents[0].id)
        if kept is not None:
            return kept
    return issuing.issue(
        tx, cooperative=cooperative, goods=lot.name, grams=lot.grams, number=given, now=now
    )


def carry(
    tx: Session,
    cooperative: Organisation,
    lot: Lot,
    certificate: Certificate,
    actor: Actor,
    now: datetime,
) -> None:
    """Let a written lot go by a certificate."""
    lot.certificate = certificate.number
    issuing.carry(
        tx,
        certificate,
        lot_id=lot.id,
        lot=lot.public_id,
        number=lot.number,
        cooperative=cooperative,
        actor=actor,
        now=now,
    )
