"""The databases of a benchmark: a file for SQLite, a server of its own for PostgreSQL.

Both keep what is committed (SQLite at synchronous=FULL, PostgreSQL with fsync on), lie on the disk
of the machine, and are gone afterwards.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from shop.core import db
from tests import databases

#: As a machine of sixteen gigabytes would run it, a quarter for its buffers; everything that keeps
#: data safe is on.
SETTINGS: dict[str, object] = {
    "shared_buffers": "4GB",
    "work_mem": "64MB",
    "maintenance_work_mem": "512MB",
    "effective_cache_size": "8GB",
    "max_wal_size": "8GB",
    "checkpoint_timeout": "15min",
    "random_page_cost": "1.1",
    "log_min_messages": "warning",
}


@contextmanager
def opened(kind: str) -> Iterator[db.Database]:
    """A migrated, empty database of a kind, `sqlite` or `postgres`, as that of the process."""
    folder = Path(tempfile.mkdtemp(prefix="shanhuo-bench-", dir="/var/tmp"))
    folder.chmod(0o755)
    server = None
    try:
        if kind == "postgres":
            url, server = databases.start_server(folder, SETTINGS)
        else:
            url = f"sqlite:///{folder / 'bench.db'}"
        db.migrate(url)
        database = db.connect(url)
        yield database
        database.close()
    finally:
        if server is not None:
            databases.stop_server(server)
        shutil.rmtree(folder, ignore_errors=True)
