"""A browser without scripts: pages, forms with their tokens, files; over real HTTP."""

import re
import urllib.error
import urllib.parse
import urllib.request
import uuid
from http.cookiejar import CookieJar

_TOKEN = re.compile(r'name="csrfmiddlewaretoken" value="(\w+)"')


class Browser:
    """Somebody at a screen; remembers where it is."""

    def __init__(self, base: str) -> None:
        self.base = base
        self.opener = urllib.request.build_opener(
            urllib.request.HTTPCookieProcessor(CookieJar()),
        )
        self.at = ""
        self.page = ""
        self.status = 0

    def go(self, path: str) -> str:
        """Open a page; its text."""
        return self._open(urllib.request.Request(self._url(path)))

    def send(self, path: str, file: tuple[str, bytes] | None = None, **fields: str) -> str:
        """Send a form of the page that is open; the page it leads to."""
        found = _TOKEN.search(self.page)
        assert found, f"{self.at} has no form: {self.page[-2000:]}"
        fields["csrfmiddlewaretoken"] = found[1]
        if file is None:
            body, kind = (
                urllib.parse.urlencode(fields).encode(),
                "application/x-www-form-urlencoded",
            )
        else:
            body, kind = _multipart(fields, file)
        asked = urllib.request.Request(self._url(path), body, {"Content-Type": kind})
        return self._open(asked)

    def _url(self, path: str) -> str:
        return urllib.parse.urljoin(self.at or self.base, path)

    def _open(self, asked: urllib.request.Request) -> str:
        try:
            with self.opener.open(asked, timeout=60) as answer:
                self.at, self.status = answer.url, answer.status
                self.page = answer.read().decode()
        except urllib.error.HTTPError as error:
            self.status, self.page = error.code, error.read().decode()
        return self.page


def _multipart(fields: dict[str, str], file: tuple[str, bytes]) -> tuple[bytes, str]:
    mark = uuid.uuid4().hex
    parts = [
        f'--{mark}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode()
        for name, value in fields.items()
    ]
    name, content = file
    head = (
        f'--{mark}\r\nContent-Disposition: form-data; name="files"; filename="{name}"\r\n'
        "Content-Type: text/csv\r\n\r\n"
    )
    parts += [head.encode(), content, f"\r\n--{mark}--\r\n".encode()]
    return b"".join(parts), f"multipart/form-data; boundary={mark}"
