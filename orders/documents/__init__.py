"""合同, 送货单, 验收单, 结算单: what each paper says."""
