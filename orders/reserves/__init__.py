"""风险准备金: what a cooperative sets aside against returns, dated and agreed by two."""
