"""This chapter's part of the API."""

from ninja import Router

router = Router()
