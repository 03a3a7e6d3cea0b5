"""What this chapter tells those below: the names of its members of staff."""

from overdeliver.apps.business.settings_lines import names_actors
from overdeliver.apps.people.listing import names_of_staff

names_actors(names_of_staff)
