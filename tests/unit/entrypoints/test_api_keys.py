from __future__ import annotations

import pytest

from postdate.entrypoints.api_keys import find_key, parse_api_keys

KEYS = parse_api_keys(" shop:one , dashboard:two:read,other:schlüssel")


def test_keys_are_parsed_with_their_rights() -> None:
    assert [(key.name, key.secret, key.may_write) for key in KEYS] == [
        ("shop", "one", True),
        ("dashboard", "two", False),
        ("other", "schlüssel", True),
    ]


@pytest.mark.parametrize(("secret", "name"), [("one", "shop"), ("two", "dashboard"), ("schlüssel", "other")])
def test_a_key_is_found_by_its_secret(secret: str, name: str) -> None:
    found = find_key(KEYS, secret.encode())
    assert found is not None
    assert found.name == name


@pytest.mark.parametrize("secret", [b"", b"on", b"onee", b"ONE", b"shop", b"shop:one", b"\xff", b"schlussel"])
def test_an_unknown_secret_finds_no_key(secret: bytes) -> None:
    assert find_key(KEYS, secret) is None


def test_a_secret_from_an_environment_that_is_not_utf_8_is_compared_byte_by_byte() -> None:
    keys = parse_api_keys(b"shop:\xff\xfe".decode("utf-8", "surrogateescape"))
    assert find_key(keys, b"\xff\xfe") is keys[0]


@pytest.mark.parametrize("text", ["one", "shop:", ":one", "shop:one:write", "shop:one,,", "shop:one:read:more"])
def test_an_entry_of_another_form_is_refused_with_its_number(text: str) -> None:
    with pytest.raises(ValueError, match="number"):
        parse_api_keys(text)
