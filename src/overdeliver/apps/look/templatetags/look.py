"""Words, numbers and pictures for templates."""

from django import template

register = template.Library()
