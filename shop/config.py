"""Settings: read once, frozen; an unknown one is an error.

Every setting has a default that runs on a laptop with SQLite and no set-up. Secrets that are not
given are made once and kept beside the database in ``var/`` (mode 600), never in the repository.
"""

from __future__ import annotations

import json
import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from shop.core.db import ROOT

PREFIX = "SHOP_"


class UnknownSetting(ValueError):
    """A setting that does not exist: misspelt, or of another version."""


@dataclass(frozen=True, slots=True)
class Config:
    """All settings. Environment names are `SHOP_` and the field in capitals; see docs/settings.md.

    `log_key` signs checkpoints of the log called `log_origin`: 32 bytes in hex, and a name that
    stays for ever once published.
    `reserve_days` and `pay_days`: a purchase lapses so many days unapproved, or approved but
    unpaid. `silence_days` and `silence_days_fresh`: goods count as accepted so many days after
    arrival without a word. `gs1_prefix` begins every GTIN; `limit_storage` is where wrong codes
    are counted per visitor.
    """

    database_url: str
    secret_key: str
    data_keys: tuple[tuple[str, str], ...]
    log_key: str
    var: Path
    log_origin: str = "shanhuo.example/log"
    demo: bool = False
    host: str = "127.0.0.1"
    port: int = 8000
    secure_cookies: bool = False
    public_url: str = "http://127.0.0.1:8000"
    custody_name: str = "山货结算监管专户"
    custody_account: str = "1502 0601 0930 0088 888"
    custody_bank: str = "示范银行遂川支行"
    support_phone: str = "0796-000 0000"
    reserve_days: int = 7
    pay_days: int = 10
    silence_days: int = 10
    silence_days_fresh: int = 7
    gs1_prefix: str = "9520001"
    limit_storage: str = "memory://"

    @staticmethod
    def from_environment(environ: Mapping[str, str] | None = None) -> Config:
        """Read the settings of this process.

        Raises:
            UnknownSetting: a variable begins with `SHOP_` but names no setting.
        """
        environ = os.environ if environ is None else environ
        given = {
            name.removeprefix(PREFIX).lower(): value
            for name, value in environ.items()
            if name.startswith(PREFIX)
        }
        kinds = {field.name: field.type for field in fields(Config)}
        unknown = sorted(set(given) - set(kinds))
        if unknown:
            raise UnknownSetting(f"unknown setting: {PREFIX}{unknown[0].upper()}")
        var = Path(given.pop("var", str(ROOT / "var")))
        values: dict[str, object] = {
            name: _read(str(kinds[name]), value) for name, value in given.items()
        }
        values["var"] = var
        values.setdefault(
            "database_url", environ.get("DATABASE_URL") or f"sqlite:///{var / 'shop.db'}"
        )
        kept = _kept_secrets(var) if {"secret_key", "data_keys", "log_key"} - set(values) else {}
        values.setdefault("secret_key", kept.get("secret_key"))
        values.setdefault("log_key", kept.get("log_key"))
        values.setdefault("data_keys", tuple(kept.get("data_keys", {}).items()))
        return Config(**values)  # type: ignore[arg-type]

    def vault_keys(self) -> dict[str, bytes]:
        """Key id → 32 bytes, the current key first."""
        return {key_id: bytes.fromhex(key) for key_id, key in self.data_keys}


def _read(kind: str, value: str) -> object:
    if kind == "int":
        return int(value)
    if kind == "bool":
        return value.lower() in ("1", "true", "yes", "on")
    if kind.startswith("tuple"):
        return tuple(tuple(pair.split(":", 1)) for pair in value.split(","))
    return value


def _kept_secrets(var: Path) -> dict[str, Any]:
    """The secrets beside the database; those that are missing are made and kept."""
    path = var / "secrets.json"
    kept: dict[str, Any] = json.loads(path.read_text()) if path.exists() else {}
    made = {
        "secret_key": secrets.token_hex(32),
        "data_keys": {"k1": secrets.token_hex(32)},
        "log_key": secrets.token_hex(32),
    }
    if made.keys() - kept.keys():
        var.mkdir(parents=True, exist_ok=True)
        fresh = path.with_suffix(f".{secrets.token_hex(4)}")
        with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            json.dump(made | kept, file)
        fresh.replace(path)
    return made | kept
