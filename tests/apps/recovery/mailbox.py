"""A mailbox that answers over a real socket as IMAP4rev1 says: enough of it to fetch mail."""

import re
import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager


class Mailbox:
    """Mails by number, with those that were marked as seen; ``fails`` breaks off before STORE."""

    def __init__(self, *mails: bytes) -> None:
        self.mails = dict(enumerate(mails, 1))
        self.seen: set[int] = set()
        self.fails = False
        self.port = 0


class _Talk(socketserver.StreamRequestHandler):
    box: Mailbox

    def say(self, text: str) -> None:
        self.wfile.write(f"{text}\r\n".encode())

    def handle(self) -> None:
        self.say("* OK [CAPABILITY IMAP4rev1] ready")
        for line in self.rfile:
            tag, _, rest = line.decode().strip().partition(" ")
            if not self.answer(tag, rest):
                return

    def answer(self, tag: str, rest: str) -> bool:
        word = rest.split(" ")[0].upper()
        if word == "CAPABILITY":
            self.say("* CAPABILITY IMAP4rev1")
        elif word == "LOGIN" and '"wrong"' in rest:
            self.say(f"{tag} NO wrong password")
            return True
        elif word in ("SELECT", "EXAMINE"):
            self.say(f"* {len(self.box.mails)} EXISTS")
        elif rest.upper().startswith("UID SEARCH"):
            new = [str(n) for n in self.box.mails if n not in self.box.seen]
            self.say(f"* SEARCH {' '.join(new)}")
        elif found := re.match(r"UID FETCH (\d+) \(BODY\.PEEK\[\]\)", rest, re.I):
            mail = self.box.mails[int(found[1])]
            self.say(f"* {found[1]} FETCH (UID {found[1]} BODY[] {{{len(mail)}}}")
            self.wfile.write(mail)
            self.say(")")
        elif found := re.match(r"UID STORE (\d+) \+FLAGS \(\\Seen\)", rest, re.I):
            if self.box.fails:
                return False
            self.box.seen.add(int(found[1]))
        self.say(f"{tag} OK done")
        return word != "LOGOUT"


@contextmanager
def opened(box: Mailbox) -> Iterator[Mailbox]:
    """The mailbox on a port of this machine."""
    talk = type("Talk", (_Talk,), {"box": box})
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), talk) as server:
        server.daemon_threads = True
        box.port = int(server.server_address[1])
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield box
        server.shutdown()
