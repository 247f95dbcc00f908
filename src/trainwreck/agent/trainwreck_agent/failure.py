"""An exception as plain data."""

import os
import traceback

_HERE = os.path.dirname(os.path.abspath(__file__))
LONGEST_MESSAGE = 4000
MOST_FRAMES = 200


def describe(kind, error, trace):
    """Type, message and frames, outermost first; frames of the guest are left out."""
    try:
        message = str(error)
    except Exception as second:
        message = "(no message: %s)" % type(second).__name__
    frames = [
        [frame.filename, frame.lineno, frame.name]
        for frame in traceback.extract_tb(trace)
        if not frame.filename.startswith((_HERE, "<frozen"))
    ]
    return {
        "type": kind.__name__,
        "message": message[:LONGEST_MESSAGE],
        "frames": frames[-MOST_FRAMES:],
    }
