"""Signed notes and checkpoints, as C2SP signed-note, tlog-checkpoint and tlog-cosignature say.

A checkpoint is a note of three lines: the log's name, how many events it holds, and the root over
them in base64. Below an empty line stand the signatures, one a line. The log signs the text
itself; a cosigner (联署人) signs the text together with the time at which it saw it.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
from dataclasses import dataclass
from datetime import UTC, datetime

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

LOG, COSIGNER = 1, 4
_SECRET = "PRIVATE+KEY+"  # noqa: S105 (how such a key begins)
_LINE = re.compile(r"— ([^\s+]+) ([A-Za-z0-9+/]+={0,2})")
_NAME = re.compile(r"[^\s+]{1,128}")


class Unreadable(ValueError):
    """A note, checkpoint or key that is not spelled as it should be."""


@dataclass(frozen=True, slots=True)
class Seen:
    """A signature that holds; `at` is when a cosigner says it saw the note."""

    at: datetime | None


@dataclass(frozen=True, slots=True)
class Key:
    """Somebody's public key: the log's, or a cosigner's. `public` is 32 bytes."""

    name: str
    kind: int
    public: bytes

    @property
    def key_id(self) -> bytes:
        """Four bytes by which a signature line names the key."""
        return _key_id(self.name, self.kind, self.public)

    @property
    def vkey(self) -> str:
        """The key as one word, to be printed and handed on."""
        body = base64.b64encode(bytes([self.kind]) + self.public).decode()
        return f"{self.name}+{self.key_id.hex()}+{body}"

    @staticmethod
    def read(vkey: str) -> Key:
        """A key from its one word.

        Raises:
            Unreadable: it is no such word, or was mistyped.
        """
        name, key_id, body = _three(vkey.strip())
        if len(body) != 33 or body[0] not in (LOG, COSIGNER):
            raise Unreadable("not a public key of a kind we know")
        key = Key(name, body[0], body[1:])
        if key.key_id.hex() != key_id:
            raise Unreadable("the key does not fit its own number")
        return key

    def signed(self, note: Note) -> Seen | None:
        """This key's signature under a note, or None where there is none that holds."""
        for line in note.signatures:
            if line.name == self.name and line.key_id == self.key_id:
                return self._holds(note.text, line.body)
        return None

    def _holds(self, text: str, body: bytes) -> Seen | None:
        stamped = self.kind == COSIGNER
        seconds = int.from_bytes(body[:-64], "big")
        if len(body) != (72 if stamped else 64) or seconds >= 1 << 35:
            return None
        message = _seen(text, seconds) if stamped else text.encode()
        try:
            Ed25519PublicKey.from_public_bytes(self.public).verify(body[-64:], message)
        except InvalidSignature:
            return None
        return Seen(datetime.fromtimestamp(seconds, UTC) if stamped else None)


@dataclass(frozen=True, slots=True)
class SecretKey:
    """A key that signs. `seed` is 32 bytes."""

    name: str
    kind: int
    seed: bytes

    @property
    def key(self) -> Key:
        """Its public half."""
        private = Ed25519PrivateKey.from_private_bytes(self.seed)
        return Key(self.name, self.kind, private.public_key().public_bytes_raw())

    @property
    def word(self) -> str:
        """The key as one word, for its owner's file."""
        body = base64.b64encode(bytes([self.kind]) + self.seed).decode()
        return f"{_SECRET}{self.name}+{self.key.key_id.hex()}+{body}"

    @staticmethod
    def read(word: str) -> SecretKey:
        """A signing key from its file.

        Raises:
            Unreadable: it is none.
        """
        if not word.startswith(_SECRET):
            raise Unreadable("not a signing key")
        name, key_id, body = _three(word.strip().removeprefix(_SECRET))
        if len(body) != 33 or body[0] not in (LOG, COSIGNER):
            raise Unreadable("not a signing key of a kind we know")
        secret = SecretKey(name, body[0], body[1:])
        if secret.key.key_id.hex() != key_id:
            raise Unreadable("the key does not fit its own number")
        return secret

    def sign(self, text: str, at: datetime | None = None) -> str:
        """The signature line under a text; a cosigner says when it saw it.

        Args:
            text: the note's text with its last line end.
            at: for a cosigner; whole seconds are kept.
        """
        private = Ed25519PrivateKey.from_private_bytes(self.seed)
        if self.kind == COSIGNER:
            assert at is not None, "a cosigner says when"
            seconds = int(at.timestamp())
            body = seconds.to_bytes(8, "big") + private.sign(_seen(text, seconds))
        else:
            body = private.sign(text.encode())
        return f"— {self.name} {base64.b64encode(self.key.key_id + body).decode()}\n"


@dataclass(frozen=True, slots=True)
class Signature:
    """One line under a note; `body` is what follows the key's number."""

    name: str
    key_id: bytes
    body: bytes
    line: str


@dataclass(frozen=True, slots=True)
class Note:
    """A text and the signatures under it; nothing is verified yet."""

    text: str
    signatures: tuple[Signature, ...]

    @staticmethod
    def read(note: str) -> Note:
        """A note as it was published.

        Raises:
            Unreadable: it is not spelled like one.
        """
        text, divider, below = note.rpartition("\n\n")
        if not divider or not below.endswith("\n") or len(note) > 65_536:
            raise Unreadable("no signatures under an empty line")
        return Note(text + "\n", tuple(_signature(line) for line in below[:-1].split("\n")))


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """What a log says it is at one moment: its name, its size, the root over all its events."""

    origin: str
    size: int
    root: bytes

    @property
    def text(self) -> str:
        """The three lines that are signed."""
        return f"{self.origin}\n{self.size}\n{base64.b64encode(self.root).decode()}\n"

    @staticmethod
    def read(text: str) -> Checkpoint:
        """A checkpoint from the text of a note; it has exactly one spelling.

        Raises:
            Unreadable: it is none.
        """
        lines = text.split("\n")
        if len(lines) != 4 or not re.fullmatch(r"0|[1-9]\d{0,15}", lines[1], re.ASCII):
            raise Unreadable("not a checkpoint")
        found = Checkpoint(lines[0], int(lines[1]), decoded(lines[2]))
        if not found.origin or len(found.root) != 32 or found.text != text:
            raise Unreadable("not a checkpoint")
        return found


def good_name(name: str) -> bool:
    """Whether a key may be called so: no spaces, no plus sign."""
    return bool(_NAME.fullmatch(name))


def decoded(word: str) -> bytes:
    """Bytes from base64 in its one true spelling.

    Raises:
        Unreadable: it is none, or another spelling of the same bytes.
    """
    try:
        found = base64.b64decode(word, validate=True)
    except (binascii.Error, ValueError):
        raise Unreadable("not base64") from None
    if base64.b64encode(found).decode() != word:
        raise Unreadable("not base64 in its one spelling")
    return found


def _signature(line: str) -> Signature:
    found = _LINE.fullmatch(line)
    if found is None:
        raise Unreadable("not a signature line")
    body = decoded(found[2])
    if len(body) < 5:
        raise Unreadable("not a signature line")
    return Signature(found[1], body[:4], body[4:], line + "\n")


def _three(word: str) -> tuple[str, str, bytes]:
    name, _plus, rest = word.partition("+")
    key_id, _plus, body = rest.partition("+")
    if not good_name(name) or not re.fullmatch(r"[0-9a-f]{8}", key_id):
        raise Unreadable("not a key")
    return name, key_id, decoded(body)


def _key_id(name: str, kind: int, public: bytes) -> bytes:
    return hashlib.sha256(name.encode() + b"\n" + bytes([kind]) + public).digest()[:4]


def _seen(text: str, seconds: int) -> bytes:
    return f"cosignature/v1\ntime {seconds}\n{text}".encode()
