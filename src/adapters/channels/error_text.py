"""The errors of other people's libraries, as text for users and logs."""

from __future__ import annotations

import re

_CREDENTIALS = re.compile(r"(?<=://)\S*@")


def describe_error(error: BaseException) -> str:
    """Returns the type and the text of an error. The credentials of URLs are removed.

    An error without a text is described by its cause, if it has one.
    """
    while not str(error) and error.__cause__ is not None:
        error = error.__cause__
    return without_credentials(f"{type(error).__name__}: {error}".removesuffix(": "))


def without_credentials(text: str) -> str:
    """Returns the text with `***` in place of the credentials of each URL."""
    return _CREDENTIALS.sub("***@", text)
