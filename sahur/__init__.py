"""The side of SAHUR that remembers and talks: everything that needs Django. The Celery app is in `sahur.celery`."""
