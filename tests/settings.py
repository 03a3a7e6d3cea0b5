"""The server's settings for tests: data in a folder of their own, quick passwords."""

import os
import tempfile

os.environ.setdefault("OVERDELIVER_DATA", tempfile.mkdtemp(prefix="overdeliver-tests-"))

from overdeliver.server.settings import *  # noqa: F403

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
if DATABASES["default"]["ENGINE"].endswith("sqlite"):  # noqa: F405
    # In a file, as in use: a database in memory knows no second writer.
    DATABASES["default"]["TEST"] = {"NAME": str(DATA / "tests.sqlite3")}  # noqa: F405
