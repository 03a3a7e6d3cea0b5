"""What this chapter does when something happens, and its lines among the settings."""

from overdeliver.apps.business.settings_lines import stands_in_settings
from overdeliver.apps.journal.actions import record
from overdeliver.apps.journal.events import Heard, listens
from overdeliver.apps.outreach import endpoint_mail, endpoints, events, staff_mail
from overdeliver.apps.outreach.belonging import messages_of
from overdeliver.apps.outreach.carriers import offers_unsubscribe
from overdeliver.apps.outreach.models import Message
from overdeliver.apps.outreach.outbox import why_by_hand
from overdeliver.apps.outreach.preferences import link
from overdeliver.apps.outreach.rules.hooks import EVENTS
from overdeliver.apps.people.card_parts import gives_data

stands_in_settings("messages", "outreach.list.title", "outreach.list.about", "today.see")
stands_in_settings("letters", "outreach.letters.title", "outreach.letters.about", "today.see")
stands_in_settings(
    "settings_blocked", "outreach.blocked.title", "outreach.blocked.about", "settings.write"
)
stands_in_settings("settings_templates", "outreach.texts.title", "outreach.texts.about")
stands_in_settings("settings_webhooks", "outreach.hooks.title", "outreach.hooks.about")


offers_unsubscribe(link)


def tell_webhooks(heard: Heard) -> None:
    """Other systems are told, each in a message of its own."""
    endpoints.tell(
        heard.name, heard.subject, heard.at, dict(heard.data), event=heard.id, cause=heard.id
    )


for _name in EVENTS:
    listens(_name, "outreach.tell_webhooks")(tell_webhooks)


@listens("people.staff_invited", "outreach.mail_invitation")
def mail_invitation(heard: Heard) -> None:
    """Who is invited gets the link by mail; without mail the owner has seen it on his page."""
    if not why_by_hand("mail"):
        staff_mail.write("staff_invitation", int(heard.subject.partition(":")[2]), heard)


@listens("people.password_link_made", "outreach.mail_password_link")
def mail_password_link(heard: Heard) -> None:
    """So does who needs a new password; where he asked himself and no mail goes, it is seen."""
    number = heard.data.get("link")
    if number and (heard.data["asked"] or not why_by_hand("mail")):
        staff_mail.write("staff_password", int(number), heard)


@listens("outreach.endpoint_changed", "outreach.mail_endpoint_off")
def mail_endpoint_off(heard: Heard) -> None:
    """Owners hear that a system is told nothing any more, unless a person switched it off."""
    reason = heard.data["reason"]
    off = heard.data["change"] == "disabled" and reason != "by_hand"
    if off and not why_by_hand("mail"):
        endpoint_mail.write(int(heard.subject.partition(":")[2]), reason, heard)


@listens("people.customer_erased", "outreach.blank_messages")
def blank(heard: Heard) -> None:
    """Messages to an erased customer keep nothing of a person; those that wait are not sent."""
    rows = Message.objects.filter(customer_id=int(heard.data["customer"]))
    rows.filter(status__in=["queued", "held", "failed", "unknown"]).update(
        status="cancelled", error="erased"
    )
    done = rows.update(address="", subject="", text="", data={})
    if done:
        record(events.MessagesBlanked(subject=heard.subject, messages=done))


@gives_data("messages")
def data(customer: int) -> object:
    """Everything a customer was written."""
    return messages_of(customer)
