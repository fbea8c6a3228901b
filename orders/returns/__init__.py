"""退货申请: asked for by the buyer, decided and inspected by the cooperative, then refunded."""
