"""A cooperative's pages: orders to send, shipping in parts, arrival, invoices."""

from __future__ import annotations

import io
import zipfile

import pytest
from sqlalchemy import select

from orders.purchasing.models import Order
from orders.purchasing.states import OrderState
from orders.shipments.models import Invoice, Shipment
from shop.core import db
from shop.core.files import media_type_of
from tests.conftest import Browser
from tests.world import World

PDF = b"%PDF-1.7\n%%EOF\n"
NUMBER = "26952000000012345678"


def ready(world: World, units: int = 10) -> tuple[str, str]:
    """A paid purchase and its order."""
    world.tins(30)
    purchase_id = world.approved(units)
    world.paid(purchase_id)
    return purchase_id, world.orders(purchase_id)[0]


def form(world: World, order_id: str, units: int, **changes: str) -> dict[str, str]:
    (allocation, _left), *_ = world.allocations(order_id)
    return {
        "once": "a",
        "carrier_id": world.organisation("YD"),
        "waybill": "SF123",
        "parcels": "2",
        "lines-0-allocation_id": allocation,
        "lines-0-units": str(units),
        **changes,
    }


def ofd() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as box:
        box.writestr("OFD.xml", "<ofd:OFD/>")
    return out.getvalue()


def test_the_list_shows_orders_to_send_and_whether_they_are_paid(
    world: World, client: Browser
) -> None:
    world.tins(30)
    unpaid, paid = world.approved(2), world.approved(3)
    world.paid(paid)

    page = client.as_(world.manager).get("/cooperative/orders/").text

    assert world.orders(unpaid)[0] in page
    assert world.orders(paid)[0] in page
    assert "等待付款" in page
    assert "已付款" in page
    assert "县直机关工会" in page


def test_another_cooperative_sees_nothing_of_it(world: World, client: Browser) -> None:
    _purchase, order_id = ready(world)
    browser = client.as_(world.other_manager)

    assert order_id not in browser.get("/cooperative/orders/").text
    assert browser.get(f"/cooperative/orders/{order_id}").status_code == 404
    assert browser.get(f"/cooperative/orders/{order_id}/shipments/new").status_code == 404
    assert browser.get(f"/cooperative/orders/{order_id}/invoices/new").status_code == 404
    assert client.as_(world.clerk).get(f"/cooperative/orders/{order_id}").status_code == 403


def test_an_order_is_shipped_in_parts_with_packing_lists(world: World, client: Browser) -> None:
    _purchase, order_id = ready(world)
    browser = client.as_(world.manager)
    assert 'value="10"' in browser.get(f"/cooperative/orders/{order_id}/shipments/new").text

    first = browser.post(
        f"/cooperative/orders/{order_id}/shipments/new", data=form(world, order_id, 4)
    )
    second = browser.post(
        f"/cooperative/orders/{order_id}/shipments/new",
        data=form(world, order_id, 6, once="b"),
    )

    assert first.status_code == second.status_code == 303
    with db.database().reading() as tx:
        assert len(tx.execute(select(Shipment.id)).all()) == 2
        assert tx.execute(select(Order.state)).scalar_one() is OrderState.SHIPPED
    page = browser.get(f"/cooperative/orders/{order_id}").text
    assert page.count("FH-TH-2026-") >= 2
    assert "SF123" in page


def test_a_second_click_ships_once(world: World, client: Browser) -> None:
    _purchase, order_id = ready(world)
    data = form(world, order_id, 4)
    browser = client.as_(world.manager)

    for _ in range(2):
        answer = browser.post(f"/cooperative/orders/{order_id}/shipments/new", data=data)
        assert answer.status_code == 303

    with db.database().reading() as tx:
        assert len(tx.execute(select(Shipment.id)).all()) == 1


@pytest.mark.parametrize(
    ("changes", "words", "status"),
    [
        ({"lines-0-units": "11"}, "只剩 10", 409),
        ({"lines-0-units": "0"}, "至少填一行", 422),
        ({"lines-0-units": "三"}, "请填整数", 422),
        ({"parcels": ""}, "请填写这一项", 422),
        ({"parcels": "0"}, "要大于零", 422),
        ({"carrier_id": "org_none"}, "Not a valid choice", 422),
    ],
)
def test_a_bad_shipment_is_explained_and_nothing_leaves(
    world: World, client: Browser, changes: dict[str, str], words: str, status: int
) -> None:
    _purchase, order_id = ready(world)

    answer = client.as_(world.manager).post(
        f"/cooperative/orders/{order_id}/shipments/new",
        data=form(world, order_id, 4, **changes),
    )

    assert answer.status_code == status
    assert "SF123" in answer.text
    assert words in answer.text or "有几处要改" in answer.text
    with db.database().reading() as tx:
        assert not tx.execute(select(Shipment.id)).all()


def test_an_unpaid_order_offers_no_shipping(world: World, client: Browser) -> None:
    world.tins(10)
    order_id = world.orders(world.approved(2))[0]
    browser = client.as_(world.manager)

    page = browser.get(f"/cooperative/orders/{order_id}").text
    answer = browser.post(
        f"/cooperative/orders/{order_id}/shipments/new", data=form(world, order_id, 2)
    )

    assert "shipments/new" not in page
    assert "货款还没有到监管账户" in page
    assert answer.status_code == 409
    assert "暂不能发货" in answer.text


def test_arrival_is_recorded_by_the_cooperative(world: World, client: Browser) -> None:
    purchase_id, order_id = ready(world)
    shipment = world.shipped(purchase_id)
    browser = client.as_(world.manager)

    answer = browser.post(
        f"/cooperative/orders/{order_id}/shipments/{shipment}/arrival", data={"once": "a"}
    )

    assert answer.status_code == 303
    with db.database().reading() as tx:
        assert tx.execute(select(Shipment.arrived_at)).scalar_one() is not None


def invoice(number: str = NUMBER, content: bytes = PDF, **changes: str) -> dict[str, object]:
    return {
        "once": "i",
        "number": number,
        "issued_on": "2026-04-20",
        "amount": "2380.00",
        "file": (io.BytesIO(content), "发票.pdf"),
        **changes,
    }


def test_an_invoice_is_recorded_and_downloaded_by_both_sides(world: World, client: Browser) -> None:
    purchase_id, order_id = ready(world)

    answer = client.as_(world.manager).post(
        f"/cooperative/orders/{order_id}/invoices/new", data=invoice()
    )

    assert answer.status_code == 303
    with db.database().reading() as tx:
        invoice_id = tx.execute(select(Invoice.public_id)).scalar_one()
    address = f"/cooperative/orders/invoices/{invoice_id}"
    for who, status in (
        ("manager", 200),
        ("clerk", 200),
        ("stranger", 404),
        ("other_manager", 404),
    ):
        answer = client.as_(world.person(who)).get(address)
        assert answer.status_code == status
        if status == 200:
            assert answer.data == PDF
            assert answer.mimetype == "application/pdf"
            assert f"{NUMBER}.pdf" in answer.headers["Content-Disposition"]
            assert answer.headers["Content-Disposition"].startswith("attachment")
    assert NUMBER in client.as_(world.clerk).get(f"/papers/{purchase_id}").text


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"number": "123"}, "20 位数字"),
        ({"amount": "abc"}, "请填金额"),
        ({"issued_on": "gestern"}, "Not a valid date"),
        ({"content": b"MZ\x90\x00"}, "只收 PDF"),
        ({"content": b"<html>"}, "只收 PDF"),
        ({"content": b"PK\x03\x04nonsense"}, "只收 PDF"),
        ({"content": PDF + b"x" * 100}, "超过 2 MB"),
    ],
)
def test_a_bad_invoice_is_explained_and_not_kept(
    world: World,
    client: Browser,
    monkeypatch: pytest.MonkeyPatch,
    changes: dict[str, str],
    words: str,
) -> None:
    _purchase, order_id = ready(world)
    monkeypatch.setattr("shop.web.uploads.LIMIT", 100)

    answer = client.as_(world.manager).post(
        f"/cooperative/orders/{order_id}/invoices/new",
        data=invoice(**changes),  # type: ignore[arg-type]
    )

    assert answer.status_code == 422
    assert words in answer.text or "field-bad" in answer.text
    with db.database().reading() as tx:
        assert not tx.execute(select(Invoice.id)).all()


def test_an_invoice_number_is_recorded_once(world: World, client: Browser) -> None:
    _purchase, order_id = ready(world)
    browser = client.as_(world.manager)
    address = f"/cooperative/orders/{order_id}/invoices/new"
    browser.post(address, data=invoice())

    answer = browser.post(address, data=invoice(once="j"))

    assert answer.status_code == 409
    assert "已经登记过" in answer.text


def test_a_file_is_known_by_its_content() -> None:
    assert media_type_of(PDF) == "application/pdf"
    assert media_type_of(ofd()) == "application/ofd"
    assert media_type_of(b"\x89PNG\r\n\x1a\n....") == "image/png"
    assert media_type_of(b"\xff\xd8\xff\xe0") == "image/jpeg"
    assert media_type_of(b"") is None


def test_a_cooperative_without_orders_is_told_so(world: World, client: Browser) -> None:
    browser = client.as_(world.manager)

    assert "没有要发的订单" in browser.get("/cooperative/orders/").text
    assert "还没有发出的订单" in browser.get("/cooperative/orders/?done=1").text
