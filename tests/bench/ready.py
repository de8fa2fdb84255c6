"""gunicorn's settings for a measurement: each worker says when it has loaded the application."""

import os

from tests.bench.servers import READY


def post_worker_init(worker: object) -> None:
    """Called by gunicorn in the worker."""
    os.write(int(os.environ[READY]), b".")
