"""What a thing is like at a moment, in a word: two who read the same have the same word."""

from base64 import urlsafe_b64encode
from hashlib import sha256
from typing import Any

import msgspec

_VERSION_BYTES = 15
_ENCODE = msgspec.json.Encoder(order="sorted").encode


def version_of(fields: Any) -> str:
    """The version of a thing with these fields, whether a mapping has them or a struct."""
    return urlsafe_b64encode(sha256(_ENCODE(fields)).digest()[:_VERSION_BYTES]).decode()
