"""Mails that came back, in the shapes servers and people's programs give them; names are made up.

Each with what it is: hard, soft, or other (answered by a machine, which is no return).
"""

from collections.abc import Mapping

OURS = "<0123456789abcdef@shop.example>"
_TO = "anna@example.org"
_MAIL = (
    "Return-Path: <shop@shop.example>\nReceived: from shop.example (shop.example [5.188.210.4])\n"
    f"From: Shop <shop@shop.example>\nTo: {_TO}\nSubject: 5.1.1\nMessage-ID: {OURS}\n\n"
    "My flat is 5.1.1, no such user elsewhere.\n"
)


def _dsn(
    words: str,
    told: Mapping[str, str],
    *,
    sender: str = "MAILER-DAEMON@mx.example",
    mta: str = "mx.example",
    quoted: str = "message/rfc822",
    charset: str = "utf-8",
) -> bytes:
    """A report in three parts (RFC 3464)."""
    fields = "".join(f"{name}: {value}\n" for name, value in told.items())
    text = (
        f"From: Mail Delivery System <{sender}>\nTo: shop@shop.example\n"
        "Subject: Undelivered Mail Returned to Sender\nAuto-Submitted: auto-replied\n"
        "MIME-Version: 1.0\nContent-Type: multipart/report; report-type=delivery-status;\n"
        f' boundary="B=_1"\n\n--B=_1\nContent-Type: text/plain; charset={charset}\n\n{words}\n'
        "--B=_1\nContent-Type: message/delivery-status\n\n"
        f"Reporting-MTA: dns; {mta}\nArrival-Date: Thu, 5 Mar 2026 12:00:00 +0500\n\n"
        f"Final-Recipient: rfc822; {_TO}\n{fields}"
        f"\n--B=_1\nContent-Type: {quoted}\n\n{_MAIL}\n--B=_1--\n"
    )
    return text.replace("\n", "\r\n").encode(charset if charset != "us-ascii" else "utf-8")


def _failed(status: str, diagnostic: str, **more: str) -> dict[str, str]:
    return {"Action": "failed", "Status": status, "Diagnostic-Code": diagnostic, **more}


def _plain(sender: str, subject: str, body: str) -> bytes:
    """A report of an older server: one text."""
    return (
        f"From: {sender}\r\nTo: shop@shop.example\r\nSubject: {subject}\r\n"
        "Date: Thu, 5 Mar 2026 07:00:00 +0000\r\n\r\n" + body.replace("\n", "\r\n")
    ).encode()


def _reply(headers: str, body: str, charset: str = "utf-8") -> bytes:
    """What somebody's program answers."""
    return (
        f"{headers}\nTo: shop@shop.example\nIn-Reply-To: {OURS}\nMIME-Version: 1.0\n"
        f"Content-Type: text/plain; charset={charset}\nContent-Transfer-Encoding: 8bit\n\n{body}\n"
    ).encode(charset)


_QMAIL = (
    "Hi. This is the qmail-send program at mx.example.\nI'm afraid I wasn't able to deliver your"
    " message to the following addresses.\nThis is a permanent error; I've given up. Sorry it"
    f" didn't work out.\n\n<{_TO}>:\n{{}}\n\n--- Below this line is a copy of the message.\n\n"
    f"{_MAIL}"
)
_EXIM = (
    "This message was created automatically by mail delivery software.\n\nA message that you sent"
    " could not be delivered to one or more of its\nrecipients. This is a permanent error. The"
    f" following address(es) failed:\n\n  {_TO}\n    {{}}\n\n"
    f"------ This is a copy of the message, including all the headers. ------\n\n{_MAIL}"
)
_POSTFIX = (
    "This is the mail system at host mx.example.\n\nI'm sorry to have to inform you that your"
    f" message could not\nbe delivered to one or more recipients.\n\n<{_TO}>: {{}}"
)


def _postfix(status: str, said: str, action: str = "failed") -> bytes:
    told = {**_failed(status, f"smtp; {said}"), "Action": action, "Remote-MTA": "dns; mx.example"}
    return _dsn(_POSTFIX.format(f"host mx.example[5.188.210.4] said: {said}"), told)


RETURNED: dict[str, tuple[str, bytes]] = {
    "exchange: nobody of that name": (
        "hard",
        _dsn(
            "Delivery has failed to these recipients or groups:\n\nAnna (anna@example.org)\nThe"
            " email address you entered couldn't be found.",
            _failed(
                "5.1.10",
                "smtp;550 5.1.10 RESOLVER.ADR.RecipientNotFound; Recipient anna@example.org not"
                " found by SMTP address lookup",
            ),
            sender="MicrosoftExchange329e71ec88ae4615bbc36ab6ce41109e@shop.example",
        ),
    ),
    "exchange online: expired while the other side refused connections": (
        "soft",
        _dsn(
            "Your message couldn't be delivered. Despite repeated attempts to contact the"
            " recipient's email system it didn't respond.",
            _failed(
                "5.4.316", "smtp;550 5.4.316 Message expired, connection refused (Socket 10061)"
            ),
            sender="postmaster@outlook.example",
        ),
    ),
    "exchange online: our address is on its list": (
        "soft",
        _dsn(
            "Your message to anna@example.org couldn't be delivered.",
            _failed("5.7.606", "smtp;550 5.7.606 Access denied, banned sending IP [5.188.210.4]"),
            sender="postmaster@outlook.example",
        ),
    ),
    "exchange online: the receiver gets too much this hour": (
        "soft",
        _dsn(
            "anna@example.org is receiving email at a rate that prevents delivery.",
            _failed("5.2.122", "smtp;550 5.2.122 The recipient has exceeded their limit"),
            sender="postmaster@outlook.example",
        ),
    ),
    "exchange online: the domain is none": (
        "hard",
        _dsn(
            "Your message wasn't delivered. The recipient's domain does not exist.",
            _failed("5.4.310", "smtp;550 5.4.310 DNS domain example.org does not exist"),
            sender="postmaster@outlook.example",
        ),
    ),
    "postfix: no enhanced code, nobody (mail.ru)": (
        "hard",
        _postfix(
            "5.0.0",
            "550 Message was not accepted -- invalid mailbox. Local mailbox anna@example.org is"
            " unavailable: user not found",
        ),
    ),
    "postfix: no enhanced code, taken for spam (mail.ru)": (
        "soft",
        _postfix(
            "5.0.0",
            "550 spam message rejected. Please visit http://help.mail.example/notspam?c=aa1 or"
            " report details to abuse@mail.example. (in reply to end of DATA command)",
        ),
    ),
    "yandex: nobody, under the code of a rule": (
        "hard",
        _postfix("5.7.1", "550 5.7.1 No such user! 1772694000-abc (in reply to RCPT TO command)"),
    ),
    "yandex: refused for what it says": (
        "soft",
        _postfix("5.7.1", "554 5.7.1 [1] Message rejected under suspicion of SPAM; 1772694000-abc"),
    ),
    "gmail: over its quota": (
        "soft",
        _postfix(
            "5.2.2",
            "552-5.2.2 The email account that you tried to reach is over quota. Please direct"
            " 552-5.2.2 the recipient to 552 5.2.2 https://support.mail.example/?p=OverQuotaPerm",
        ),
    ),
    "gmail: disabled": (
        "hard",
        _postfix(
            "5.2.1",
            "550-5.2.1 The email account that you tried to reach is inactive. 550 5.2.1"
            " https://support.mail.example/?p=DisabledUser",
        ),
    ),
    "sapo.pt: nobody, in Portuguese": (
        "hard",
        _postfix("5.1.1", f"550 5.1.1 <{_TO}>: Recipient address rejected: Utilizador inexistente"),
    ),
    "sapo.pt: full, for now": (
        "soft",
        _postfix("4.2.2", f"452 4.2.2 <{_TO}>: A caixa de correio está cheia", "delayed"),
    ),
    "yahoo: nobody, no enhanced code": (
        "hard",
        _postfix(
            "5.0.0", "554 delivery error: dd This user doesn't have a mail.example account (-5)"
        ),
    ),
    "postfix: our own domain is not found there": (
        "soft",
        _postfix(
            "5.1.8", "553 5.1.8 <shop@shop.example>: Sender address rejected: Domain not found"
        ),
    ),
    "postfix: the domain has no server": (
        "hard",
        _postfix(
            "5.4.4",
            "Host or domain name not found. Name service error for name=example.org type=A: Host"
            " not found",
        ),
    ),
    "postfix: a loop at theirs": ("soft", _postfix("5.4.6", "mail for example.org loops back")),
    "exim: a code of its own for everything, nobody": (
        "hard",
        _dsn(
            _EXIM.format("host mx.example: 550 5.1.1 User unknown"),
            _failed("5.0.0", f"smtp; 550 5.1.1 <{_TO}>: User unknown"),
            quoted="text/rfc822-headers",
        ),
    ),
    "exim: the same for a list of senders": (
        "soft",
        _dsn(
            _EXIM.format("host mx.example: 550 5.7.1 blocked using zen.list.example"),
            _failed("5.0.0", "smtp; 550 5.7.1 Service unavailable; Client host blocked"),
            quoted="text/rfc822-headers",
        ),
    ),
    "exim, older: one text, nobody": (
        "hard",
        _plain(
            "Mail Delivery System <Mailer-Daemon@mx.example>",
            "Mail delivery failed: returning message to sender",
            _EXIM.format(
                "SMTP error from remote mail server after RCPT TO:<anna@example.org>:\n    host"
                " mx.example [5.188.210.4]: 550 No such user here"
            ),
        ),
    ),
    "exim, older: one text, too long in the queue": (
        "soft",
        _plain(
            "Mail Delivery System <Mailer-Daemon@mx.example>",
            "Mail delivery failed: returning message to sender",
            _EXIM.format("retry timeout exceeded (host [5.188.210.4]: Connection timed out)"),
        ),
    ),
    "qmail: nobody": (
        "hard",
        _plain(
            "MAILER-DAEMON@mx.example",
            "failure notice",
            _QMAIL.format("Sorry, no mailbox here by that name. (#5.1.1)"),
        ),
    ),
    "qmail: over quota": (
        "soft",
        _plain(
            "MAILER-DAEMON@mx.example",
            "failure notice",
            _QMAIL.format("Message rejected. Not enough storage space in user's mailbox. (#5.2.2)"),
        ),
    ),
    "qmail: says nothing, and quotes a mail that looks like a code": (
        "soft",
        _plain(
            "MAILER-DAEMON@mx.example",
            "failure notice",
            _QMAIL.format(
                "I'm not going to try again; this message has been in the queue too long."
            ),
        ),
    ),
    "broken: no boundary closes, the part ends in the middle": (
        "hard",
        _postfix("5.1.1", f"550 5.1.1 <{_TO}>: Recipient address rejected")[:1000]
        + b"\r\nMessage-ID: "
        + OURS.encode(),
    ),
    "broken: bytes of another alphabet in a text that says UTF-8": (
        "soft",
        _postfix("5.2.2", "552 5.2.2 mailbox full").replace(
            b"I'm sorry", "Ящик переполнен".encode("cp1251")
        ),
    ),
    "out of office, Exchange, English": (
        "other",
        _reply(
            "From: Anna <anna@example.org>\nSubject: Automatic reply: Your order\n"
            "Auto-Submitted: auto-generated\nX-Auto-Response-Suppress: All\nPrecedence: bulk",
            "I am out of office until 5.1.1 returns; no such user answers before Monday.",
        ),
    ),
    "out of office, Portuguese, in Latin-1": (
        "other",
        _reply(
            "From: anna@example.org\nSubject: =?iso-8859-1?Q?Resposta_autom=E1tica?=\n"
            "Auto-Submitted: auto-replied",
            "Estou de férias até segunda-feira.",
            "iso-8859-1",
        ),
    ),
    "out of office, Russian, in KOI8-R": (
        "other",
        _reply(
            "From: anna@example.org\nSubject: =?koi8-r?B?4dfUz8/U18XU?=\nX-Autoreply: yes",
            "Я в отпуске до понедельника.",
            "koi8-r",
        ),
    ),
    "out of office, Romanian": (
        "other",
        _reply(
            "From: anna@example.org\nSubject: Răspuns automat\nAuto-Submitted: auto-replied",
            "Sunt în concediu până luni.",
        ),
    ),
    "out of office, Kazakh": (
        "other",
        _reply(
            "From: anna@example.org\nSubject: Автоматты жауап\nAuto-Submitted: auto-replied",
            "Мен дүйсенбіге дейін демалыстамын.",
        ),
    ),
    "a challenge: prove that you are human": (
        "other",
        _reply(
            "From: anna@example.org\nSubject: Re: Your order [please confirm]\n"
            "Auto-Submitted: auto-replied\nPrecedence: junk\nReturn-Path: <>",
            "To deliver your message, click here once. Error 550 5.1.1 otherwise.",
        ),
    ),
}
