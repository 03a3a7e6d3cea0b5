"""What gunicorn serves."""

import importlib
import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "overdeliver.server.settings")
application = get_wsgi_application()
importlib.import_module("overdeliver.learn.promise_file")  # no customer's quote waits for it
