"""Forms with files as browsers and programs send them, to a real web process."""

import urllib.error
import urllib.request
from collections.abc import Mapping
from typing import Any

from tests.processes import Installation

_BOUNDARY = "----boundary-of-a-test"

#: A key for programs with every right, and the session of somebody who is signed in.
KEY_AND_SESSION = """
import json
from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore
from overdeliver.apps.people.actions import make_key
from overdeliver.apps.people.models import Staff
from overdeliver.apps.people.rules import KEY_RIGHTS
staff = Staff.objects.create_user("o@example.org", "secret", role="owner")
session = SessionStore()
session[SESSION_KEY] = str(staff.pk)
session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
session[HASH_SESSION_KEY] = staff.get_session_auth_hash()
session.create()
print(json.dumps([make_key("test", KEY_RIGHTS), session.session_key]))
"""


def send(
    shop: Installation,
    path: str,
    fields: Mapping[str, str] | None = None,
    files: Mapping[str, bytes] | None = None,
    *,
    session: str = "",
    key: str = "",
) -> tuple[int, Mapping[str, str], bytes]:
    """A form posted (or, without one, a page asked for); status, headers, body."""
    headers = {"Authorization": f"Bearer {key}"} if key else {}
    if session:
        headers["Cookie"] = f"sessionid={session}; csrftoken={'x' * 32}"
    body = None
    if fields is not None:
        body = _body(
            {"csrfmiddlewaretoken": "x" * 32, **fields} if session else fields, files or {}
        )
        headers["Content-Type"] = f"multipart/form-data; boundary={_BOUNDARY}"
    asked = urllib.request.Request(shop.url + path, data=body, headers=headers)
    try:
        with _STILL.open(asked, timeout=30) as answer:
            return answer.status, answer.headers, answer.read()
    except urllib.error.HTTPError as error:
        return error.code, error.headers, error.read()


def _body(fields: Mapping[str, str], files: Mapping[str, bytes]) -> bytes:
    parts = [(f'name="{name}"', text.encode()) for name, text in fields.items()]
    parts += [(f'name="files"; filename="{name}"', data) for name, data in files.items()]
    told = (
        f"--{_BOUNDARY}\r\nContent-Disposition: form-data; {head}\r\n\r\n".encode() + data + b"\r\n"
        for head, data in parts
    )
    return b"".join(told) + f"--{_BOUNDARY}--\r\n".encode()


class _Still(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_: Any) -> None:
        """Where an answer leads to is not looked at."""


_STILL = urllib.request.build_opener(_Still)
