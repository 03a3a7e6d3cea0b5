"""How gunicorn serves the pages: what `serve` gives it as its configuration."""

import os

from django.conf import settings

from overdeliver.apps.people import buckets  # noqa: F401 - made before the processes that share it
from overdeliver.server.logs import Impersonal

worker_class = "gthread"  # pages wait for the database, not for us
workers = settings.KNOBS["processes"]
threads = settings.KNOBS["threads"]
timeout = 60  # a process that answers nothing for so long is replaced
graceful_timeout = 25  # what began before SIGTERM may end
keepalive = 5
max_requests = 20_000  # a process is replaced now and then, never all at once
max_requests_jitter = 2_000
worker_tmp_dir = "/dev/shm" if os.path.isdir("/dev/shm") else None
forwarded_allow_ips = "127.0.0.1"
logconfig_dict = {
    **settings.LOGGING,
    "filters": {"impersonal": {"()": Impersonal}},
    "loggers": {
        "gunicorn.error": {"handlers": ["stream"], "level": "WARNING", "propagate": False},
        "gunicorn.access": {"handlers": [], "propagate": False},
    },
}
