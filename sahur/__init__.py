"""The side of SAHUR that remembers and talks: everything that needs Django."""

from sahur.celery import app as celery_app

__all__ = ["celery_app"]
