"""What gunicorn loads: the application, with the garbage collector set for large calls."""

import gc
import sys

from flask import Flask

from lending import create_app

# A call of a thousand late scans makes some hundred thousand small objects that all die with it.
# Python's own threshold (700) looks through them hundreds of times and took a third of the call.
YOUNG, MIDDLE, OLD = 50_000, 20, 100
# Every statement lets other threads run; with Python's 5 ms a writer that holds a lock then waits
# that long for its turn to go on.
SWITCH_SECONDS = 0.0005


def make_server_application() -> Flask:
    """The application of a serving process; what start-up made is never looked through again."""
    app = create_app()
    gc.collect()
    gc.freeze()
    gc.set_threshold(YOUNG, MIDDLE, OLD)
    sys.setswitchinterval(SWITCH_SECONDS)
    return app
