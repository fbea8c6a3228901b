"""Reading what everybody may see of certificates and tests; nothing that consent does not cover."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import date

from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlalchemy.orm import Session, aliased

from products.certificates.models import Certificate, LotCertificate
from products.certificates.states import CertificateKind
from products.households.consents import consents
from products.households.models import Household, Village
from products.households.states import ConsentPurpose
from products.lots.models import Lot, LotInput
from products.lots.states import LotKind, LotState
from products.quality.models import LotTest
from products.quality.queries import TEST, lots_by, test_of
from products.quality.rows import LotLink, LotPapers, LotTestRow, PaperOfLot, Promise
from shop.core.errors import NotFound
from shop.organisations.models import County, Organisation


def promise(tx: Session, key: str, *, day: date) -> Promise:
    """A certificate as everybody may see it, also one that was replaced or voided.

    Args:
        key: its public id, or the number of one a cooperative issued.
        day: whose consents count.

    Raises:
        NotFound: there is none.
    """
    replacing = aliased(Certificate)
    row = tx.execute(
        select(
            Certificate,
            Organisation,
            County,
            Household.name,
            Village.name,
            Village.township,
            consents(ConsentPurpose.NAME, day),
            replacing.public_id,
        )
        .join(Organisation, Organisation.id == Certificate.cooperative_id)
        .join(County, County.id == Organisation.county_id)
        .outerjoin(Household, Household.id == Certificate.household_id)
        .outerjoin(Village, Village.id == Household.village_id)
        .outerjoin(replacing, replacing.replaces_id == Certificate.id)
        .where(
            or_(
                Certificate.public_id == key,
                and_(Certificate.number == key, Certificate.kind == CertificateKind.ISSUED),
            )
        )
        .order_by(Certificate.id)
        .limit(1)
    ).one_or_none()
    if row is None:
        raise NotFound()
    paper, cooperative, county, name, village, township, shown, replaced_by = row
    return Promise(
        public_id=paper.public_id,
        number=paper.number,
        kind=paper.kind,
        state=paper.state,
        goods=paper.goods,
        grams=paper.grams,
        basis=paper.basis,
        issued_on=paper.issued_on,
        county=county.name,
        county_en=county.name_en,
        province=county.province,
        producer=name if name and shown else "",
        village=f"{township}{village}" if name and shown else "",
        cooperative=cooperative.name,
        cooperative_en=cooperative.name_en,
        phone=cooperative.phone,
        lots=tuple(lot for lot in lots_by(tx, [paper.id])[paper.id] if lot.trace_code),
        replaced_by=replaced_by,
    )


def of_lot(tx: Session, lot_id: int) -> LotPapers:
    """The certificates and tests of a lot and of everything that went into it, for public pages.

    Args:
        lot_id: internal key.
    """
    return _first(_papers(tx, Lot.id == lot_id))


def of_lot_named(tx: Session, lot_id: str) -> LotPapers:
    """The same as `of_lot` by public id."""
    return _first(_papers(tx, Lot.public_id == lot_id))


def on_sale(tx: Session, trace_codes: Sequence[str]) -> dict[str, LotPapers]:
    """The papers behind packed lots, by the codes on their boxes; for the product's page."""
    return _papers(
        tx,
        and_(
            Lot.trace_code.in_(trace_codes),
            Lot.kind == LotKind.PACKED,
            Lot.state == LotState.RECORDED,
        ),
    )


def _first(found: dict[str, LotPapers]) -> LotPapers:
    return next(iter(found.values()), LotPapers())


def _papers(tx: Session, which: ColumnElement[bool]) -> dict[str, LotPapers]:
    """The papers of lots by trace code, else public id, in one statement down to what went in."""
    name = func.coalesce(Lot.trace_code, Lot.public_id).label("name")
    family = select(name, Lot.id.label("root"), Lot.id.label("lot_id")).where(which)
    behind = family.cte(recursive=True)
    behind = behind.union(
        select(behind.c.name, behind.c.root, LotInput.parent_id).join(
            behind, LotInput.child_id == behind.c.lot_id
        )
    )
    rows = tx.execute(
        select(
            behind.c.name,
            behind.c.root == Lot.id,
            Certificate.public_id,
            Certificate.number,
            Certificate.kind,
            Certificate.issued_on,
            *TEST,
        )
        .join(Lot, Lot.id == behind.c.lot_id)
        .outerjoin(
            LotCertificate, and_(LotCertificate.lot_id == Lot.id, LotCertificate.until.is_(None))
        )
        .outerjoin(Certificate, Certificate.id == LotCertificate.certificate_id)
        .outerjoin(LotTest, LotTest.lot_id == Lot.id)
        .where(or_(Certificate.id.is_not(None), LotTest.id.is_not(None)))
        .order_by(behind.c.name, (behind.c.root == Lot.id).desc(), Lot.id, LotTest.id)
    )
    own: dict[str, PaperOfLot] = {}
    others: dict[str, dict[str, PaperOfLot]] = defaultdict(dict)
    tests: dict[str, list[LotTestRow]] = defaultdict(list)
    for key, is_own, public_id, number, kind, issued_on, *test in rows:
        lot = LotLink(test[1], test[2], test[3])
        if public_id and is_own:
            own[key] = PaperOfLot(public_id, number, kind, issued_on, lot)
        elif public_id:
            others[key].setdefault(public_id, PaperOfLot(public_id, number, kind, issued_on, lot))
        if test[0]:
            tests[key].append(test_of(test))
    return {
        key: LotPapers(own.get(key), tuple(others[key].values()), tuple(tests[key]))
        for key in {*own, *others, *tests}
    }
