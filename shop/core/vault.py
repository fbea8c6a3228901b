"""Encrypted fields: bank cards and identity numbers (AES-256-GCM), and their blind index.

The place a value belongs to (table, column, public id) is authenticated with it, so that a
ciphertext moved to another row does not open.
"""

from __future__ import annotations

import binascii
import hashlib
import hmac
import os
from collections.abc import Sequence

from cryptography.hazmat.primitives.ciphers.aead import AESGCM


class Vault:
    """Seals and opens values with named keys; the first key seals, all of them open.

    Args:
        keys: key id → 32 bytes; the first is used for new values.
    """

    def __init__(self, keys: dict[str, bytes]) -> None:
        assert keys
        assert all(len(key) == 32 for key in keys.values())
        self._ciphers = {key_id: AESGCM(key) for key_id, key in keys.items()}
        self._current = next(iter(keys))
        self._index_key = hmac.new(list(keys.values())[-1], b"blind index", hashlib.sha256).digest()

    def seal(self, value: str, *, place: str) -> str:
        """Encrypt a value for one place: ``v1:<key id>:<base64>``."""
        return self.seal_all([(value, place)])[0]

    def seal_all(self, values: Sequence[tuple[str, str]]) -> list[str]:
        """Encrypt many values, each for its place; see `seal`."""
        encrypt, begin = self._ciphers[self._current].encrypt, f"v1:{self._current}:"
        drawn = os.urandom(12 * len(values))
        sealed = []
        for number, (value, place) in enumerate(values):
            nonce = drawn[12 * number : 12 * number + 12]
            body = nonce + encrypt(nonce, value.encode(), place.encode())
            sealed.append(begin + binascii.b2a_base64(body, newline=False).decode())
        return sealed

    def open(self, sealed: str, *, place: str) -> str:
        """Decrypt what `seal` made for the same place.

        Raises:
            cryptography.exceptions.InvalidTag: it was altered or belongs to another place.
        """
        _version, key_id, body = sealed.split(":", 2)
        raw = binascii.a2b_base64(body)
        return self._ciphers[key_id].decrypt(raw[:12], raw[12:], place.encode()).decode()

    def key_for(self, purpose: str) -> bytes:
        """A key of its own for one purpose (32 bytes), the same each time."""
        return hmac.new(self._index_key, f"key for {purpose}".encode(), hashlib.sha256).digest()

    def fingerprint(self, value: str) -> str:
        """A keyed hash by which equal values are found without opening any."""
        return hmac.digest(self._index_key, value.encode(), "sha256").hex()


_vault: Vault | None = None


def configure(keys: dict[str, bytes]) -> None:
    """Install the keys of this process; called once by the factory."""
    global _vault
    _vault = Vault(keys)


def vault() -> Vault:
    """The vault of this process."""
    assert _vault is not None, "the vault is configured by the factory"
    return _vault
