"""Files that come from outside the shop: here, what stands for scans of invoices and reports."""

from __future__ import annotations


def invoice_file(number: str, order: str, amount: str) -> bytes:
    """A one-page PDF that says it is a sample, whose order it belongs to, and the amount."""
    return sample_file(
        "DEMO - NOT A TAX INVOICE", f"No. {number}", f"Order {order}", f"CNY {amount}"
    )


def report_file(report: str, lot: str, passed: bool) -> bytes:
    """A one-page PDF that says it is a sample, which lot was tested, and what was found."""
    found = "within the limits" if passed else "above the limit"
    return sample_file("DEMO - NOT A TEST REPORT", f"No. {report}", f"Lot {lot}", found)


def sample_file(*words: str) -> bytes:
    """A one-page PDF of a few lines."""
    lines = " ".join(f"({word}) Tj 0 -24 Td" for word in words)
    stream = f"BT /F 16 Tf 72 760 Td {lines} ET"
    objects = (
        "<</Type/Catalog/Pages 2 0 R>>",
        "<</Type/Pages/Kids[3 0 R]/Count 1>>",
        "<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R"
        "/Resources<</Font<</F 5 0 R>>>>>>",
        f"<</Length {len(stream)}>>stream\n{stream}\nendstream",
        "<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>",
    )
    out, places = "%PDF-1.4\n", []
    for place, body in enumerate(objects, start=1):
        places.append(len(out))
        out += f"{place} 0 obj{body}endobj\n"
    table = "".join(f"{place:010d} 00000 n \n" for place in places)
    trailer = f"<</Size {len(objects) + 1}/Root 1 0 R>>\nstartxref\n{len(out)}\n%%EOF"
    return f"{out}xref\n0 {len(objects) + 1}\n0000000000 65535 f \n{table}trailer{trailer}".encode()
