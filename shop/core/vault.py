"""Encrypted fields: bank cards and identity numbers (AES-256-GCM), and their blind index.

The place a value belongs to (table, column, public id) is authenticated with it, so that a
ciphertext moved to another row does not open.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import os

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
        nonce = os.urandom(12)
        sealed = self._ciphers[self._current].encrypt(nonce, value.encode(), place.encode())
        return f"v1:{self._current}:{base64.b64encode(nonce + sealed).decode()}"

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
