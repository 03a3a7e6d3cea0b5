"""What the chapter hangs up elsewhere: its line in Settings."""

from overdeliver.apps.business.settings_lines import stands_in_settings

stands_in_settings("settings_sources", "intake.source.title", "intake.source.about")
