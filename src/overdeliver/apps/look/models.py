"""What is counted of links that lead nowhere. Private to this chapter."""

from django.db import models


class Missed(models.Model):
    """A count: of an address, of ten minutes, or of the last alarm."""

    name = models.CharField(max_length=80, primary_key=True)
    at = models.BigIntegerField(db_index=True)  # seconds since 1970, of the last one counted
    n = models.BigIntegerField()
