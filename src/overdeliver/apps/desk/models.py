"""What a person did about a line of the Today page. Private to this chapter."""

from django.db import models


class Mark(models.Model):
    """A line set aside: done, or not before a moment. Removing the mark brings the line back."""

    key = models.CharField(max_length=250, unique=True)  # kind:reference of the line
    state = models.CharField(max_length=10)  # done, later
    until = models.DateTimeField(null=True)
    by = models.CharField(max_length=100)
    note = models.CharField(max_length=500, blank=True)
    at = models.DateTimeField(auto_now=True)
