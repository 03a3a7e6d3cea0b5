"""The Django project: knobs, settings, urls, the API assembled, worker, schedule."""
