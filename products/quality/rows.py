"""What the pages of certificates and tests show: frozen rows."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from products.certificates.states import CertificateKind, CertificateState, PromiseBasis
from products.quality.states import LotTestState
from shop.core.files import ENDINGS

#: Certificates on one page of the list.
PAGE = 50


@dataclass(frozen=True, slots=True)
class LotLink:
    """A lot a paper is about."""

    public_id: str
    number: str
    trace_code: str | None


@dataclass(frozen=True, slots=True)
class CertificateRow:
    """A certificate as its cooperative sees it; `household` is whose promise it is, if one's."""

    public_id: str
    number: str
    kind: CertificateKind
    state: CertificateState
    goods: str
    grams: int | None
    basis: PromiseBasis
    household: str | None
    issued_on: date
    keep_until: date
    file_name: str
    lots: tuple[LotLink, ...] = ()

    @property
    def stands(self) -> bool:
        """Whether it is neither replaced nor voided."""
        return self.state is CertificateState.VALID


@dataclass(frozen=True, slots=True)
class CertificateList:
    """A page of certificates: `found` altogether."""

    rows: tuple[CertificateRow, ...]
    found: int
    page: int


@dataclass(frozen=True, slots=True)
class CertificatePage:
    """Everything about one certificate; what replaces it and what it replaces by public id."""

    row: CertificateRow
    replaces: tuple[str, str] | None
    replaced_by: tuple[str, str] | None
    ended_at: datetime | None
    reason: str


@dataclass(frozen=True, slots=True)
class LotTestRow:
    """A test of a lot. `scanned` says that its report is kept, `public` that all may have it."""

    public_id: str
    lot: LotLink
    state: LotTestState
    subject: str
    agency: str
    report: str
    tested_on: date
    valid_until: date | None
    public: bool
    scanned: bool
    reason: str

    @property
    def failed(self) -> bool:
        """Whether its lot stands still because of it."""
        return self.state is LotTestState.FAILED


@dataclass(frozen=True, slots=True)
class Due:
    """What runs out soon or has, of lots of which something is still there."""

    certificates: tuple[CertificateRow, ...]
    tests: tuple[LotTestRow, ...]


@dataclass(frozen=True, slots=True)
class PaperOfLot:
    """A certificate by which a lot goes, named without anybody's name; for public pages too."""

    public_id: str
    number: str
    kind: CertificateKind
    issued_on: date
    lot: LotLink


@dataclass(frozen=True, slots=True)
class LotPapers:
    """The certificates and tests of a lot and of all that went into it, its own first.

    `own` is the certificate the lot itself goes by, `behind` are those of what went into it.
    """

    own: PaperOfLot | None = None
    behind: tuple[PaperOfLot, ...] = ()
    tests: tuple[LotTestRow, ...] = ()


@dataclass(frozen=True, slots=True)
class Promise:
    """A certificate as everybody may see it.

    `producer` is a household's name to be masked, and `village` its village, only with its
    consent; both are empty without. A cooperative's own has neither.
    """

    public_id: str
    number: str
    kind: CertificateKind
    state: CertificateState
    goods: str
    grams: int | None
    basis: PromiseBasis
    issued_on: date
    county: str
    county_en: str
    province: str
    producer: str
    village: str
    cooperative: str
    cooperative_en: str
    phone: str
    lots: tuple[LotLink, ...]
    replaced_by: str | None


@dataclass(frozen=True, slots=True)
class KeptFile:
    """A scan to hand out, under a name of ours."""

    number: str
    media_type: str
    content: bytes

    @property
    def download_name(self) -> str:
        """A name of ours, with the ending its content deserves."""
        return f"{self.number}.{ENDINGS[self.media_type]}"
