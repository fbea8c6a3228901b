"""How gunicorn serves the shop: `gunicorn wsgi:app`; every setting has an environment variable.

One process of many threads: enough for a cooperative's own machine, and it lets SQLite keep one
writer and the in-process caches one truth. With PostgreSQL, WEB_WORKERS may be more than one.
"""

from __future__ import annotations

import os

# Loopback unless told otherwise: a proxy in front of it ends TLS.
bind = os.environ.get("BIND", f"127.0.0.1:{os.environ.get('PORT', '8000')}")
workers = int(os.environ.get("WEB_WORKERS", "1"))
worker_class = "gthread"
threads = int(os.environ.get("WEB_THREADS", "16"))

# A request has half a minute; on SIGTERM those under way may finish before the supervisor,
# which usually waits 30 s, loses patience.
timeout = 30
graceful_timeout = 25
keepalive = 5

# gunicorn 27 otherwise opens a control socket, which nothing here uses.
control_socket_disable = True

# Heartbeats in memory: on a slow disk they would stall healthy workers.
worker_tmp_dir = "/dev/shm" if os.path.isdir("/dev/shm") else None  # noqa: S108 (holds no data)

# Only this proxy is believed about the visitor's address and scheme.
forwarded_allow_ips = os.environ.get("FORWARDED_ALLOW_IPS", "127.0.0.1")

accesslog = "-" if os.environ.get("ACCESS_LOG") == "1" else None
errorlog = "-"


def post_worker_init(worker):
    """Each worker keeps the timetable; its entries may safely run in several."""
    from shop.jobs import timetable
    from wsgi import app

    worker.timetable = timetable.consumer(app)
    worker.timetable.start()


def worker_exit(_server, worker):
    """Let what runs finish."""
    worker.timetable.stop(graceful=True)
