"""What follows when history has come in, and the chapter's line in Settings."""

from overdeliver.apps.business import reads as business
from overdeliver.apps.business.settings_lines import stands_in_settings
from overdeliver.apps.journal.events import Heard, listens
from overdeliver.apps.quoting import learning

stands_in_settings("settings_sources", "intake.source.title", "intake.source.about")


@listens("intake.import_finished", "intake.learn_from_history")
def learn(heard: Heard) -> None:
    """New history is learned from at once, once per import, not only in the next night."""
    if heard.data["stored"] and business.services():
        learning.ask_to_learn(key=f"import:{heard.reference}")
