"""The log on the command line, for auditors and cosigners; most of it needs no database."""

from __future__ import annotations

import json
import os
import secrets
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click
from flask.cli import with_appcontext
from flask_babel import force_locale, gettext

from products.proofs import merkle, queries, tiles
from products.proofs.files import Files, Report, claimed_size, examine
from products.proofs.notes import (
    COSIGNER,
    Checkpoint,
    Key,
    Note,
    SecretKey,
    Unreadable,
    good_name,
)
from products.proofs.rules import Bad, Finding, check_bundle, vouched
from products.proofs.tiles import WIDTH, tile_path
from shop.core import clock, db
from shop.core.labels import N_

F = TypeVar("F", bound=Callable[..., Any])

EXISTING = click.Path(exists=True, path_type=Path)
FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


def _spoken(command: F) -> F:
    """The language a command speaks; Chinese unless asked for English."""
    languages = click.Choice(["zh", "en"])
    return click.option("--lang", type=languages, default="zh", help="language of the words")(
        command
    )


def _say(lang: str, sentence: str, **facts: Any) -> str:
    with force_locale("en" if lang == "en" else "zh_CN"):
        return str(gettext(sentence) % facts if facts else gettext(sentence))


def _key(lang: str, vkey: str) -> Key:
    try:
        return Key.read(vkey)
    except Unreadable:
        raise click.ClickException(_say(lang, N_("公钥写错了：%(vkey)s"), vkey=vkey)) from None


# --- verify-trace -----------------------------------------------------------------------------


@click.command("verify-trace")
@click.argument("path", type=EXISTING, required=False)
@click.option("--database", is_flag=True, help="check this shop's own database instead of files")
@click.option("--vkey", help="the log's public key, as you have it from elsewhere")
@click.option("--cosigner", "cosigners", multiple=True, help="a cosigner's public key you trust")
@click.option("--kept", type=FILE, multiple=True, help="a checkpoint you kept yourself")
@click.option("--bundle", type=FILE, help="an offline bundle to check against the log")
@_spoken
@with_appcontext
def verify_trace(
    path: Path | None,
    database: bool,
    vkey: str | None,
    cosigners: tuple[str, ...],
    kept: tuple[Path, ...],
    bundle: Path | None,
    lang: str,
) -> None:
    """Check the public log: chain, tree, signatures, checkpoints; names the first bad event.

    PATH is the log.zip, or a folder with the public files. No database is needed for it.
    """
    if database == (path is not None):
        raise click.UsageError("give either PATH or --database")
    copies = tuple(each.read_text() for each in kept)
    known: tuple[Key, ...] = ()
    if database:
        with db.database().reading() as tx:
            report = queries.verify(tx, copies)
        key = None
    else:
        assert path is not None
        try:
            files = Files.at(path)
        except zipfile.BadZipFile:
            raise click.ClickException(_say(lang, N_("这不是一个压缩包，也不是文件夹。"))) from None
        key = _key(lang, vkey or files.word("vkey"))
        known = tuple(_key(lang, each) for each in cosigners)
        report = examine(files, key=key if vkey else None, cosigners=known, kept=copies)
        if not vkey:
            click.echo(
                _say(
                    lang,
                    N_("提醒：公钥取自日志自己的文件。请和您从别处得到的核对：%(vkey)s"),
                    vkey=key.vkey,
                )
            )
    findings = [*report.findings]
    if bundle is not None:
        findings.extend(_bundle_findings(lang, bundle, key, known, report))
    _tell(lang, report, findings)


def _bundle_findings(
    lang: str, bundle: Path, key: Key | None, known: tuple[Key, ...], report: Report
) -> list[Finding]:
    if key is None:
        raise click.UsageError("--bundle goes with PATH")
    try:
        check_bundle(bundle.read_text(), key, known, report.roots)
    except Bad as bad:
        return [bad.finding]
    click.echo(_say(lang, N_("凭证 %(name)s：在日志里，一字不差。"), name=bundle.name))
    return []


def _tell(lang: str, report: Report, findings: list[Finding]) -> None:
    for finding in findings:
        click.echo(_say(lang, finding.sentence, **finding.facts))
    for each in report.checkpoints:
        for name, seen in each.cosigned:
            click.echo(
                _say(
                    lang,
                    N_("检查点（%(size)s 条）有 %(name)s 的联署，看到的时间 %(seen)s。"),
                    size=each.checkpoint.size,
                    name=name,
                    seen=seen.astimezone(clock.SHANGHAI).strftime("%Y-%m-%d %H:%M")
                    if seen
                    else "—",
                )
            )
    if findings:
        raise click.ClickException(_say(lang, N_("有 %(count)s 处不对。"), count=len(findings)))
    click.echo(
        _say(
            lang,
            N_("核对完毕：%(size)s 条记录、%(count)s 个检查点，没有发现改动。"),
            size=report.size,
            count=len(report.checkpoints),
        )
    )


# --- cosigning --------------------------------------------------------------------------------


@click.command("cosigner-key")
@click.argument("name")
@click.option("--out", type=click.Path(path_type=Path), required=True, help="the new key's file")
@_spoken
@with_appcontext
def cosigner_key(name: str, out: Path, lang: str) -> None:
    """Make a key to cosign with; NAME has no spaces, such as county-bureau.example/cosigner."""
    if not good_name(name):
        raise click.UsageError("a name has neither spaces nor a plus sign")
    secret = SecretKey(name, COSIGNER, secrets.token_bytes(32))
    try:
        handle = os.open(out, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        raise click.ClickException(_say(lang, N_("文件已经在了，没有改它。"))) from None
    with os.fdopen(handle, "w") as file:
        file.write(secret.word + "\n")
    click.echo(secret.key.vkey)


@click.command("cosign-checkpoint")
@click.argument("file", type=FILE)
@click.option("--key", "key_file", type=FILE, required=True, help="your signing key's file")
@click.option("--vkey", help="the log's public key; needed the first time, remembered then")
@click.option("--log", "log_path", type=EXISTING, help="log.zip or folder, to compare with before")
@_spoken
@with_appcontext
def cosign_checkpoint(
    file: Path, key_file: Path, vkey: str | None, log_path: Path | None, lang: str
) -> None:
    """Add your signature to a checkpoint FILE; needs that file and your key, nothing of ours.

    What was cosigned last stands beside the key in KEYFILE.last. A smaller log, or another one of
    the same size, is never signed; with --log it is proved that the older one is its beginning.
    """
    secret = _secret(lang, key_file)
    memory = key_file.with_name(key_file.name + ".last")
    last: dict[str, Any] = json.loads(memory.read_text()) if memory.exists() else {}
    if not last and vkey is None:
        raise click.UsageError("the first time, --vkey says which log this is")
    key = _key(lang, vkey or last["vkey"])
    if last and key.vkey != last["vkey"]:
        raise click.ClickException(_say(lang, N_("公钥和上次联署时的不一样，没有签。")))
    text = file.read_text()
    try:
        checkpoint = vouched(text, key, (), strict=False).checkpoint
        if last:
            _follows(lang, checkpoint, last, log_path)
    except Bad as bad:
        words = _say(lang, bad.finding.sentence, **bad.finding.facts)
        raise click.ClickException(words) from None
    if not any(line.key_id == secret.key.key_id for line in Note.read(text).signatures):
        file.write_text(text + secret.sign(checkpoint.text, clock.now()))
    seen = {"vkey": key.vkey, "size": checkpoint.size, "root": checkpoint.root.hex()}
    memory.write_text(json.dumps(seen))
    click.echo(_say(lang, N_("已联署：%(size)s 条，写在文件末尾。"), size=checkpoint.size))


def _secret(lang: str, path: Path) -> SecretKey:
    try:
        secret = SecretKey.read(path.read_text())
    except Unreadable:
        secret = None
    if secret is None or secret.kind != COSIGNER:
        raise click.ClickException(_say(lang, N_("这不是联署用的钥匙文件。")))
    return secret


def _follows(
    lang: str, checkpoint: Checkpoint, last: dict[str, Any], log_path: Path | None
) -> None:
    """The log one is asked to sign has only grown since one signed last.

    Raises:
        Bad: it has shrunk, or its beginning is not the log of before.
    """
    size, root = last["size"], bytes.fromhex(last["root"])
    changed = N_("这本日志和上次联署的（%(size)s 条）接不上：前面的内容被改动，没有签。")
    if checkpoint.size < size or (checkpoint.size == size and checkpoint.root != root):
        raise Bad(changed, size=size)
    if checkpoint.size == size:
        return
    if log_path is None:
        click.echo(
            _say(
                lang,
                N_("提醒：没有给 --log，没法核对它是不是接着上次的（%(size)s 条）。"),
                size=size,
            )
        )
        return
    path = merkle.consistency_path(size, checkpoint.size, _nodes(Files.at(log_path), checkpoint))
    if not merkle.is_consistent(size, checkpoint.size, root, checkpoint.root, path):
        raise Bad(changed, size=size)


def _nodes(files: Files, checkpoint: Checkpoint) -> merkle.Nodes:
    """The tree of a checkpoint out of files that may hold a longer one."""
    longest = claimed_size(files)

    def fetch(level: int, number: int, width: int) -> bytes:
        whole = min(WIDTH, (longest >> 8 * level) - number * WIDTH)
        name = f"tile/{tile_path(level, number, whole)}" if whole > 0 else "tile"
        content = files.get(name)
        if content is None or len(content) < width * tiles.HASH:
            first = number * WIDTH ** (level + 1)
            raise Bad(N_("缺少第 %(seq)s 条起的文件 %(name)s。"), first, name=name)
        return content[: width * tiles.HASH]

    return tiles.reader(checkpoint.size, fetch)


COMMANDS = (verify_trace, cosigner_key, cosign_checkpoint)
