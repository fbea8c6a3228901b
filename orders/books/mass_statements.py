"""The statements of `check-books` about mass and shares; see `orders.books.statements`."""

from __future__ import annotations

#: The shares that stand: of each lot those of its present version.
_STANDING = """
  SELECT s.* FROM lot_share s JOIN lot l ON l.id = s.lot_id AND l.share_version = s.version
"""


def _laddered(figure: str) -> str:
    """What of a parent's figure a withdrawal carries; divided first, so no product overflows."""
    whole, rest = f"({figure} / parent.grams)", f"({figure} % parent.grams)"
    return (
        f"({whole} * i.grams + {rest} * (i.before_grams + i.grams) / parent.grams"
        f" - {rest} * i.before_grams / parent.grams)"
    )


MASS: dict[str, str] = {
    "used grams equal withdrawals": """
      SELECT lot.number, coalesce(e.grams, 0), lot.used_grams
      FROM lot LEFT JOIN (SELECT parent_id, sum(grams) AS grams FROM lot_input
                          GROUP BY parent_id) e ON e.parent_id = lot.id
      WHERE coalesce(e.grams, 0) <> lot.used_grams
    """,
    "packed units weigh what went in": """
      SELECT lot.number, lot.units * s.net_grams, coalesce(sum(i.grams), 0)
      FROM lot JOIN specification s ON s.id = lot.specification_id
      LEFT JOIN lot_input i ON i.child_id = lot.id
      WHERE lot.kind = 'packed'
      GROUP BY lot.id, lot.number, lot.units, s.net_grams
      HAVING lot.units * s.net_grams <> coalesce(sum(i.grams), 0)
    """,
    "deliveries are worth grams times price": """
      SELECT lot.number, (2 * d.net_grams * d.fen_per_kg + 1000) / 2000, d.value_fen
      FROM delivery d JOIN lot ON lot.id = d.lot_id
      WHERE d.value_fen <> (2 * d.net_grams * d.fen_per_kg + 1000) / 2000
    """,
    "deliveries stand as their shares say": """
      SELECT lot.number || ':' || d.household_id,
        CASE WHEN coalesce(s.milligrams, 0) <> d.net_grams * 1000 THEN d.net_grams * 1000
             WHEN coalesce(s.value_fen, 0) <> d.value_fen THEN d.value_fen
             ELSE CASE d.payment WHEN 'paid' THEN d.value_fen ELSE 0 END END,
        CASE WHEN coalesce(s.milligrams, 0) <> d.net_grams * 1000 THEN coalesce(s.milligrams, 0)
             WHEN coalesce(s.value_fen, 0) <> d.value_fen THEN coalesce(s.value_fen, 0)
             ELSE coalesce(s.paid_fen, 0) END
      FROM delivery d JOIN lot ON lot.id = d.lot_id
      LEFT JOIN lot_share s ON s.lot_id = d.lot_id AND s.household_id = d.household_id
        AND s.version = lot.share_version
      WHERE coalesce(s.milligrams, 0) <> d.net_grams * 1000
         OR coalesce(s.value_fen, 0) <> d.value_fen
         OR coalesce(s.paid_fen, 0) <> CASE d.payment WHEN 'paid' THEN d.value_fen ELSE 0 END
      UNION ALL
      SELECT lot.number || ':' || s.household_id, 0, s.value_fen
      FROM lot JOIN lot_share s ON s.lot_id = lot.id AND s.version = lot.share_version
      WHERE lot.kind = 'delivery' AND NOT EXISTS (
        SELECT 1 FROM delivery d WHERE d.lot_id = s.lot_id AND d.household_id = s.household_id)
    """,
    "lost grams equal losses": """
      SELECT lot.number, coalesce(e.grams, 0), lot.lost_grams
      FROM lot LEFT JOIN (SELECT lot_id, sum(grams) AS grams FROM lot_loss
                          GROUP BY lot_id) e ON e.lot_id = lot.id
      WHERE coalesce(e.grams, 0) <> lot.lost_grams
    """,
    "freezes equal what stands": """
      SELECT lot.number, coalesce(e.standing, 0), lot.freezes
      FROM lot LEFT JOIN (SELECT lot_id, count(*) AS standing FROM lot_freeze
                          WHERE lifted_at IS NULL GROUP BY lot_id) e ON e.lot_id = lot.id
      WHERE coalesce(e.standing, 0) <> lot.freezes
    """,
    "nothing weighs more than what went into it": """
      SELECT lot.number, sum(i.grams), lot.grams
      FROM lot JOIN lot_input i ON i.child_id = lot.id
      GROUP BY lot.id, lot.number, lot.kind, lot.grams
      HAVING lot.grams > sum(i.grams)
          OR (lot.kind IN ('part', 'byproduct') AND lot.grams <> sum(i.grams))
    """,
    "withdrawals and losses leave no gap": """
      SELECT lot.number, m.must, m.before_grams
      FROM (
        SELECT lot_id, before_grams, coalesce(sum(grams) OVER (
            PARTITION BY lot_id ORDER BY before_grams, grams
            ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING), 0) AS must
        FROM (SELECT parent_id AS lot_id, before_grams, grams FROM lot_input
              UNION ALL SELECT lot_id, before_grams, grams FROM lot_loss) gone) m
      JOIN lot ON lot.id = m.lot_id
      WHERE m.must <> m.before_grams
    """,
    # Milligrams, weights and leaf payments in one pass; the first that differs is named.
    "shares are carried by the ladder": f"""
      WITH standing AS ({_STANDING}),
      carried AS (
        SELECT e.lot_id, e.household_id, sum(e.mg) AS mg, sum(e.fen) AS fen, sum(e.paid) AS paid,
          sum(e.has_mg) AS has_mg, sum(e.has_fen) AS has_fen, sum(e.has_paid) AS has_paid
        FROM (
          SELECT i.child_id AS lot_id, p.household_id,
            {_laddered("p.milligrams")} AS mg, {_laddered("p.value_fen")} AS fen,
            {_laddered("p.paid_fen")} AS paid, 0 AS has_mg, 0 AS has_fen, 0 AS has_paid
          FROM lot_input i
          JOIN lot parent ON parent.id = i.parent_id
          JOIN standing p ON p.lot_id = i.parent_id
          UNION ALL
          SELECT s.lot_id, s.household_id, 0, 0, 0, s.milligrams, s.value_fen, s.paid_fen
          FROM standing s) e
        GROUP BY e.lot_id, e.household_id)
      SELECT child.number || ':' || c.household_id,
        CASE WHEN c.mg <> c.has_mg THEN c.mg WHEN c.fen <> c.has_fen THEN c.fen ELSE c.paid END,
        CASE WHEN c.mg <> c.has_mg THEN c.has_mg WHEN c.fen <> c.has_fen THEN c.has_fen
             ELSE c.has_paid END
      FROM carried c JOIN lot child ON child.id = c.lot_id
      WHERE child.kind <> 'delivery'
        AND (c.mg <> c.has_mg OR c.fen <> c.has_fen OR c.paid <> c.has_paid)
    """,  # noqa: S608
}
