"""Complaints a second: this application's form and API beside django-helpdesk's ticket form.

    python bench/complaints.py [--seconds 30] [--lines 4] [--postgres]

django-helpdesk is installed by this script into a folder of its own, which is thrown away. Both are
served the same way (gunicorn 2 x 4, DEBUG off) on SQLite of the same settings (WAL, synchronous
FULL, IMMEDIATE) or on one PostgreSQL that waits for its disk, and called in turn by a closed loop:
each line sends its next call when the last was answered. django-helpdesk's mail goes nowhere (dummy
backend); here the mail, the promise in the ledger and the alarm are written by the worker, which
does not run. A limit on callers (20 a minute) is lifted here, django-helpdesk has none.
"""

import argparse
import http.client
import json
import os
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlencode, urlsplit

import psycopg
from quotes_http import database, environment

PEER = "django-helpdesk==2.6.1"
OURS, THEIRS = 8941, 8942
TEXT = "The lid came broken and nobody answered the phone for two days."
SITE = """
import os
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "overdeliver.server.settings")
from overdeliver.server.wsgi import application
from overdeliver.apps.people import key_auth
from overdeliver.apps.recovery import public
key_auth.PER_SECOND = key_auth.MOST = public.POSTS = 10**9
"""
SEED = """
import json, django; django.setup()
from datetime import time
from django.core.management import call_command
call_command("migrate", verbosity=0)
from overdeliver.apps.business.models import Business, Shift
Business.objects.create(name="S", kind="webshop", country="KZ", zone="UTC", currency="KZT")
for day in range(5):
    Shift.objects.create(weekday=day, opens=time(9), closes=time(18))
from overdeliver.apps.people.actions import make_key
print(json.dumps({"key": make_key("bench", ["cases.write"])}))
"""
PEER_SETTINGS = """
import os
BASE = os.environ["PEER_FOLDER"]
SECRET_KEY, DEBUG, ALLOWED_HOSTS = "bench", False, ["*"]
INSTALLED_APPS = ["django.contrib.auth", "django.contrib.contenttypes", "django.contrib.sessions",
    "django.contrib.messages", "django.contrib.staticfiles", "django.contrib.sites",
    "django.contrib.humanize", "django.contrib.admin", "bootstrap4form", "rest_framework",
    "helpdesk"]
MIDDLEWARE = ["django.middleware.security.SecurityMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware", "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware"]
ROOT_URLCONF = "peer_urls"
TEMPLATES = [{"BACKEND": "django.template.backends.django.DjangoTemplates", "APP_DIRS": True,
    "OPTIONS": {"context_processors": ["django.template.context_processors.request",
    "django.contrib.auth.context_processors.auth",
    "django.contrib.messages.context_processors.messages"]}}]
LITE = {"ENGINE": "django.db.backends.sqlite3", "NAME": BASE + "/peer.sqlite3",
    "CONN_MAX_AGE": None, "OPTIONS": {"transaction_mode": "IMMEDIATE", "timeout": 20,
    "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;"}}
PORT = os.environ["PEER_POSTGRES_PORT"]
DATABASES = {"default": LITE if not PORT else {"ENGINE": "django.db.backends.postgresql",
    "NAME": "peer", "USER": "overdeliver", "HOST": "127.0.0.1", "PORT": PORT, "CONN_MAX_AGE": None}}
SITE_ID, USE_TZ, STATIC_URL = 1, True, "/static/"
MEDIA_ROOT, MEDIA_URL = BASE + "/media", "/media/"
EMAIL_BACKEND = "django.core.mail.backends.dummy.EmailBackend"
DEFAULT_AUTO_FIELD = "django.db.models.AutoField"
LOGIN_URL = "helpdesk:login"
HELPDESK_PUBLIC_TICKET_QUEUE = "complaints"
HELPDESK_TEAMS_MODE_ENABLED = False  # its migrations fail otherwise
HELPDESK_TEAMS_MIGRATION_DEPENDENCIES = []
"""
PEER_URLS = """
from django.urls import include, path
from django.contrib import admin
urlpatterns = [path("admin/", admin.site.urls), path("", include("helpdesk.urls"))]
"""
PEER_SEED = """
import django; django.setup()
from django.core.management import call_command
call_command("migrate", verbosity=0)
from helpdesk.models import Queue
print(Queue.objects.create(title="Complaints", slug="complaints", allow_public_submission=True).pk)
"""
#: Sends one complaint on a line's own connection.
Send = Callable[[http.client.HTTPConnection], None]


def main() -> None:
    """Install, seed, serve, call in turn, print."""
    given = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    given.add_argument("--seconds", type=float, default=30)
    given.add_argument("--lines", type=int, default=4)
    given.add_argument("--postgres", action="store_true")
    asked = given.parse_args()
    with (
        tempfile.TemporaryDirectory(prefix="complaints-") as name,
        database(asked.postgres) as address,
    ):
        folder = Path(name)
        python = installed(folder)
        mine, peers = ours(folder, address), theirs(folder, address)
        key, queue = seeded(folder, mine), peer_seeded(folder, python, peers)
        servers = [served(sys.executable, mine, OURS, "bench_site:application", folder)]
        servers.append(served(str(python), peers, THEIRS, "peer_wsgi:application", folder))
        try:
            print("PostgreSQL, durable" if asked.postgres else "SQLite, synchronous FULL")
            report(asked.seconds, asked.lines, key, queue)
        finally:
            for server in servers:
                server.terminate()
                server.wait()


def installed(folder: Path) -> Path:
    """django-helpdesk and gunicorn in an environment below the folder; returns its Python."""
    subprocess.run([sys.executable, "-m", "venv", str(folder / "peer")], check=True)
    python = folder / "peer" / "bin" / "python"
    wanted = [
        PEER,
        "django<6",
        "gunicorn",
        "psycopg[binary]",
        "packaging",
        "django-bootstrap4-form",
        "setuptools",
    ]
    subprocess.run([python, "-m", "pip", "install", "-q", *wanted], check=True)
    return python


def ours(folder: Path, address: str) -> dict[str, str]:
    """This application's environment on the database of that address, SQLite without one."""
    url = f"http://127.0.0.1:{OURS}"
    return environment(folder) | {"OVERDELIVER_URL": url, "OVERDELIVER_DATABASE_URL": address}


def theirs(folder: Path, address: str) -> dict[str, str]:
    """django-helpdesk's environment, on a database of its own on the same server."""
    kept = {name: value for name, value in os.environ.items() if "OVERDELIVER" not in name}
    more = {"DJANGO_SETTINGS_MODULE": "peer_settings", "PEER_FOLDER": str(folder)}
    more["PEER_POSTGRES_PORT"] = str(urlsplit(address).port or "")
    if address:
        with psycopg.connect(address, autocommit=True) as there:
            there.execute("CREATE DATABASE peer")
    return kept | more | {"PYTHONPATH": str(folder)}


def seeded(folder: Path, env: dict[str, str]) -> str:
    """Our database with a business; returns a key."""
    (folder / "bench_site.py").write_text(SITE)
    made = subprocess.run(
        [sys.executable, "-c", SEED],
        env=env,
        check=True,
        stdout=subprocess.PIPE,
        text=True,
    )
    return str(json.loads(made.stdout.splitlines()[-1])["key"])


def peer_seeded(folder: Path, python: Path, env: dict[str, str]) -> str:
    """Their database with a public queue; returns its number."""
    (folder / "peer_settings.py").write_text(PEER_SETTINGS)
    (folder / "peer_urls.py").write_text(PEER_URLS)
    wsgi = "from django.core.wsgi import get_wsgi_application\n"
    (folder / "peer_wsgi.py").write_text(wsgi + "application = get_wsgi_application()\n")
    made = subprocess.run(
        [python, "-c", PEER_SEED],
        env=env,
        check=True,
        stdout=subprocess.PIPE,
        text=True,
    )
    return made.stdout.splitlines()[-1]


def served(
    python: str, env: dict[str, str], port: int, site: str, folder: Path
) -> subprocess.Popen[bytes]:
    """gunicorn with two processes of four threads, once it answers."""
    server = subprocess.Popen(
        [python, "-m", "gunicorn", "-w", "2", "--threads", "4", "-k", "gthread",
         "-b", f"127.0.0.1:{port}", "--keep-alive", "75", "--log-level", "error", site],
        env=env, cwd=folder,
    )  # fmt: skip
    for _ in range(150):
        try:
            line = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
            line.request("GET", "/tickets/submit/" if port == THEIRS else "/healthz")
            line.getresponse().read()
            return server
        except OSError:
            time.sleep(0.2)
    raise SystemExit("a server did not come up")


def by_api(key: str) -> Send:
    """A complaint through our API."""
    headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/json"}
    body = json.dumps({"text": TEXT, "contact": "anna@example.org", "object": "product"})
    return lambda line: _sent(line, "/api/v1/cases", body, headers, 201)


def by_form() -> Send:
    """A complaint through our public form, as a browser without scripts sends it."""
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    body = urlencode({"text": TEXT, "contact": "anna@example.org", "object": "product"})
    return lambda line: _sent(line, "/c/", body, headers, 302)


def by_peer(queue: str) -> Send:
    """A ticket through django-helpdesk's public form."""
    token = "a" * 32
    headers = {"Content-Type": "application/x-www-form-urlencoded", "Cookie": f"csrftoken={token}"}
    told = {"queue": queue, "title": "The lid came broken", "body": TEXT, "priority": "3"}
    told |= {"submitter_email": "anna@example.org", "csrfmiddlewaretoken": token}
    body = urlencode(told)
    return lambda line: _sent(line, "/tickets/submit/", body, headers, 302)


def _sent(
    line: http.client.HTTPConnection, path: str, body: str, headers: dict[str, str], status: int
) -> None:
    line.request("POST", path, body, headers)
    answer = line.getresponse()
    text = answer.read()
    assert answer.status == status, (path, answer.status, text[:2000])


def report(seconds: float, lines: int, key: str, queue: str) -> None:
    """All doors in turn; complaints a second of each, and the ratio to django-helpdesk."""
    doors = {
        "our API": (OURS, by_api(key)),
        "our public form": (OURS, by_form()),
        "django-helpdesk's form": (THEIRS, by_peer(queue)),
    }
    rates: dict[str, list[float]] = {name: [] for name in doors}
    took: dict[str, list[float]] = {name: [] for name in doors}
    for turn in range(max(3, int(seconds / 6)) + 1):
        for name, (port, send) in sorted(doors.items(), reverse=bool(turn % 2)):
            found = burst(port, send, lines, 2.0)
            if turn:  # the first is to warm up
                rates[name].append(len(found) / 2.0)
                took[name] += found
    peer = statistics.median(rates["django-helpdesk's form"])
    print(f"gunicorn 2 x 4, {lines} lines, closed loop, {PEER}")
    print(f"{'door':<26}{'calls/s':>9}{'of peer':>9}{'p50 ms':>9}{'p99 ms':>9}")
    for name, times in took.items():
        rate = statistics.median(rates[name])
        marks = [statistics.quantiles(times, n=100)[k - 1] * 1e3 for k in (50, 99)]
        print(f"{name:<26}{rate:>9.0f}{rate / peer:>9.1f}{marks[0]:>9.2f}{marks[1]:>9.2f}")


def burst(port: int, send: Send, lines: int, seconds: float) -> list[float]:
    """Calls on so many lines for so long; the seconds each took."""
    until = time.perf_counter() + seconds
    found: list[list[float]] = [[] for _ in range(lines)]

    def one(number: int) -> None:
        line = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
        while (begun := time.perf_counter()) < until:
            send(line)
            found[number].append(time.perf_counter() - begun)
        line.close()

    threads = [threading.Thread(target=one, args=(number,)) for number in range(lines)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return [took for line in found for took in line]


if __name__ == "__main__":
    main()
