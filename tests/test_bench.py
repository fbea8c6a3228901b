"""Benchmarks still run, at a small size; no time is asked of them here."""

from __future__ import annotations

import subprocess
import sys

import pytest

from shop.core.db import ROOT
from tests import databases

pytestmark = pytest.mark.once


@pytest.mark.usefixtures("template_database")  # so that they run in both rounds
@pytest.mark.parametrize(
    ("script", "size", "figure"),
    [
        ("bench_trace.py", "300", "sealing 300 events"),
        ("bench_codes.py", "2000", "not there, find"),
        ("bench_statement.py", "1000", "undoing it"),
        ("bench_payouts.py", "300", "result file"),
        ("bench_slips.py", "20", "who got the money of one of"),
        ("bench_settlement.py", "5000", "in all"),
    ],
)
def test_a_small_size_prints_every_figure(script, size, figure):
    command = [sys.executable, str(ROOT / "bench" / script), size, databases.KIND]

    ran = subprocess.run(command, capture_output=True, text=True, timeout=200, check=False)

    assert ran.returncode == 0, ran.stderr
    assert figure in ran.stdout
