"""Names that depend on content alone."""

import hashlib


def content_id(*parts: object) -> str:
    """Return sixteen hexadecimal digits that depend on nothing but the parts' text."""
    text = "\x1f".join(map(str, parts))
    # A name whose bytes are no UTF-8 has halves of surrogate pairs.
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:16]
