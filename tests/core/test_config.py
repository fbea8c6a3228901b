"""Secrets that are not given are made once, kept, and joined by those of a newer version."""

from __future__ import annotations

import json

from shop.config import Config


def read(var) -> Config:
    return Config.from_environment({"SHOP_VAR": str(var)})


def test_secrets_are_made_once_and_read_by_nobody_else(tmp_path):
    first = read(tmp_path)

    assert read(tmp_path) == first
    assert len(bytes.fromhex(first.log_key)) == 32
    assert (tmp_path / "secrets.json").stat().st_mode & 0o077 == 0


def test_a_secret_of_a_newer_version_joins_those_that_were_kept(tmp_path):
    old = {"secret_key": "00" * 32, "data_keys": {"k1": "11" * 32}}
    (tmp_path / "secrets.json").write_text(json.dumps(old))

    now = read(tmp_path)

    assert (now.secret_key, now.data_keys) == ("00" * 32, (("k1", "11" * 32),))
    assert read(tmp_path).log_key == now.log_key
    assert [path.name for path in tmp_path.iterdir()] == ["secrets.json"]
