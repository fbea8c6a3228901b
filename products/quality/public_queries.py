"""Reading what everybody may see of certificates and tests; nothing that consent does not cover."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import date

from sqlalchemy import and_, or_, select
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
    return of_lots(tx, [lot_id]).get(lot_id, LotPapers())


def of_lots(tx: Session, lot_ids: Sequence[int]) -> dict[int, LotPapers]:
    """The same for several lots by internal key, in two statements."""
    root = Lot.id.label("root")
    family = select(root, Lot.id.label("lot_id")).where(Lot.id.in_(lot_ids)).cte(recursive=True)
    family = family.union(
        select(family.c.root, LotInput.parent_id).join(family, LotInput.child_id == family.c.lot_id)
    )
    own: dict[int, PaperOfLot] = {}
    behind: dict[int, list[PaperOfLot]] = defaultdict(list)
    for row in tx.execute(
        select(
            family.c.root,
            (Lot.id == family.c.root).label("is_own"),
            Certificate.public_id,
            Certificate.number,
            Certificate.kind,
            Certificate.issued_on,
            Lot.public_id.label("lot"),
            Lot.number.label("lot_number"),
            Lot.trace_code,
        )
        .join(Lot, Lot.id == family.c.lot_id)
        .join(
            LotCertificate,
            and_(LotCertificate.lot_id == Lot.id, LotCertificate.until.is_(None)),
        )
        .join(Certificate, Certificate.id == LotCertificate.certificate_id)
        .order_by(family.c.root, Lot.id)
    ):
        paper = PaperOfLot(
            public_id=row.public_id,
            number=row.number,
            kind=row.kind,
            issued_on=row.issued_on,
            lot=LotLink(row.lot, row.lot_number, row.trace_code),
        )
        if row.is_own:
            own[row.root] = paper
        else:
            behind[row.root].append(paper)
    found: dict[int, list[LotTestRow]] = defaultdict(list)
    for key, *columns in tx.execute(
        select(family.c.root, *TEST)
        .join(Lot, Lot.id == family.c.lot_id)
        .join(LotTest, LotTest.lot_id == Lot.id)
        .order_by(family.c.root, (Lot.id == family.c.root).desc(), LotTest.tested_on, LotTest.id)
    ):
        found[key].append(test_of(columns))
    return {key: LotPapers(own.get(key), tuple(behind[key]), tuple(found[key])) for key in lot_ids}


def on_sale(tx: Session, trace_codes: Sequence[str]) -> dict[str, LotPapers]:
    """The papers behind packed lots, by the codes on their boxes; for the product's page."""
    keys: dict[int, str] = {
        key: code or ""
        for key, code in tx.execute(
            select(Lot.id, Lot.trace_code).where(
                Lot.trace_code.in_(trace_codes),
                Lot.kind == LotKind.PACKED,
                Lot.state == LotState.RECORDED,
            )
        )
    }
    if not keys:
        return {}
    return {keys[key]: papers for key, papers in of_lots(tx, list(keys)).items()}


def of_lot_named(tx: Session, lot_id: str) -> LotPapers:
    """The same as `of_lot` by public id."""
    key = tx.execute(select(Lot.id).where(Lot.public_id == lot_id)).scalar()
    return of_lot(tx, key) if key else LotPapers()
