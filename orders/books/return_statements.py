"""The statements of `check-books` about what went out and came back: units and refunds."""

from __future__ import annotations

RETURN_CHECKS: dict[str, str] = {
    "payments give back what their refunds say": """
      SELECT p.public_id, coalesce(sum(f.amount_fen), 0), p.refunded_fen
      FROM payment p LEFT JOIN refund f ON f.payment_id = p.id
      GROUP BY p.id, p.public_id, p.refunded_fen, p.amount_fen, p.order_id
      HAVING coalesce(sum(f.amount_fen), 0) <> p.refunded_fen OR p.refunded_fen > p.amount_fen
          OR count(CASE WHEN f.order_id <> p.order_id THEN 1 END) > 0
    """,
    "shipped units equal shipments": """
      SELECT lot.number, coalesce(e.units, 0) - coalesce(back.units, 0), lot.shipped_units
      FROM lot LEFT JOIN (
        SELECT al.lot_id, sum(al.shipped_units - al.short_units - al.damaged_units) AS units
        FROM allocation al GROUP BY al.lot_id) e ON e.lot_id = lot.id
      LEFT JOIN (
        SELECT x.lot_id, sum(r.restocked_units + r.written_off_units) AS units
        FROM goods_return_line r
        JOIN acceptance_line x ON x.id = r.acceptance_line_id
        GROUP BY x.lot_id) back ON back.lot_id = lot.id
      WHERE coalesce(e.units, 0) - coalesce(back.units, 0) <> lot.shipped_units
    """,
    "written off units equal damage and destruction": """
      SELECT lot.number, coalesce(e.units, 0) + coalesce(d.units, 0) + coalesce(back.units, 0),
        lot.written_off_units
      FROM lot LEFT JOIN (
        SELECT al.lot_id, sum(al.damaged_units) AS units
        FROM allocation al WHERE al.damaged_units > 0 GROUP BY al.lot_id) e ON e.lot_id = lot.id
      LEFT JOIN (SELECT lot_id, sum(units) AS units FROM unit_loss GROUP BY lot_id) d
        ON d.lot_id = lot.id
      LEFT JOIN (
        SELECT x.lot_id, sum(r.written_off_units) AS units
        FROM goods_return_line r
        JOIN acceptance_line x ON x.id = r.acceptance_line_id
        GROUP BY x.lot_id) back ON back.lot_id = lot.id
      WHERE coalesce(e.units, 0) + coalesce(d.units, 0) + coalesce(back.units, 0)
        <> lot.written_off_units
    """,
    "returned units equal returns": """
      SELECT x.public_id, coalesce(r.units, 0), x.returned_units
      FROM acceptance_line x LEFT JOIN (
        SELECT acceptance_line_id, sum(units) AS units FROM goods_return_line
        GROUP BY acceptance_line_id) r ON r.acceptance_line_id = x.id
      WHERE coalesce(r.units, 0) <> x.returned_units
    """,
    "units asked back equal open requests": """
      SELECT x.public_id, coalesce(r.units, 0), x.asked_units
      FROM acceptance_line x LEFT JOIN (
        SELECT l.acceptance_line_id, sum(l.units) AS units FROM return_request_line l
        JOIN return_request q ON q.id = l.request_id
        WHERE q.state IN ('asked', 'agreed', 'sent')
        GROUP BY l.acceptance_line_id) r ON r.acceptance_line_id = x.id
      WHERE coalesce(r.units, 0) <> x.asked_units
    """,
    "cancelled units equal cancellations": """
      SELECT al.public_id, coalesce(c.units, 0), al.cancelled_units
      FROM allocation al LEFT JOIN (
        SELECT allocation_id, sum(units) AS units FROM cancellation_line
        GROUP BY allocation_id) c ON c.allocation_id = al.id
      WHERE coalesce(c.units, 0) <> al.cancelled_units
    """,
    "cancellations are worth their units": """
      SELECT c.number, coalesce(sum(x.units * l.price_fen), 0), c.value_fen
      FROM cancellation c
      LEFT JOIN cancellation_line x ON x.cancellation_id = c.id
      LEFT JOIN allocation al ON al.id = x.allocation_id
      LEFT JOIN order_line l ON l.id = al.line_id
      GROUP BY c.id, c.number, c.value_fen, c.order_id
      HAVING coalesce(sum(x.units * l.price_fen), 0) <> c.value_fen
          OR count(CASE WHEN l.order_id <> c.order_id THEN 1 END) > 0
    """,
}
