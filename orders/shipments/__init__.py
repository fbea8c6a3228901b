"""发货, 验收, 退货: what left, what arrived, who signed for it."""
