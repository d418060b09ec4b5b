"""How the faults of other people's libraries are told."""

from __future__ import annotations

import re

_CREDENTIALS = re.compile(r"(?<=://)\S*@")


def reason_of(error: BaseException) -> str:
    """Returns an error as a reason: its kind and what it says, without the credentials of any URL in it.

    An error without words that was raised from another is told as that other.
    """
    while not str(error) and error.__cause__ is not None:
        error = error.__cause__
    return without_credentials(f"{type(error).__name__}: {error}".removesuffix(": "))


def without_credentials(text: str) -> str:
    """Returns a text in which what stands before the host of a URL is `***`."""
    return _CREDENTIALS.sub("***@", text)
