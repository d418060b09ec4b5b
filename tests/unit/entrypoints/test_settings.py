from __future__ import annotations

from dataclasses import fields
from datetime import timedelta
from ipaddress import IPv4Network, IPv6Network
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from postdate.domain.durability import Durability, DurabilityLevel
from postdate.domain.errors import ConfigurationError
from postdate.entrypoints.api_keys import ApiKey
from postdate.entrypoints.rate_limit import RateLimit
from postdate.entrypoints.settings import Settings, load_settings

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"  # noqa: S105 - made up
OTHER = "whsec_bm90IGEgc2VjcmV0LCBidXQgbG9uZyBlbm91Z2g="

# variable, field, a text, and what it means
READABLE: list[tuple[str, str, str, object]] = [
    ("POSTDATE_REDIS_URL", "redis_url", "rediss://host:6380/2", "rediss://host:6380/2"),
    ("POSTDATE_DATA_DIR", "data_dir", "/var/lib/postdate", Path("/var/lib/postdate")),
    ("POSTDATE_NAMESPACE", "namespace", "staging", "staging"),
    ("POSTDATE_DURABILITY", "durability", "replicas:2", Durability(level=DurabilityLevel.REPLICAS, replicas=2)),
    ("POSTDATE_STRICT", "strict", "1", True),
    ("POSTDATE_PARTITIONS", "partitions", "16", 16),
    ("POSTDATE_POLL_INTERVAL", "poll_interval", "PT1.5S", timedelta(seconds=1.5)),
    ("POSTDATE_LEASE_TTL", "lease_ttl", "500ms", timedelta(milliseconds=500)),
    ("POSTDATE_DRAIN_TIMEOUT", "drain_timeout", "1h30m", timedelta(hours=1.5)),
    ("POSTDATE_CONCURRENCY", "concurrency", "64", 64),
    ("POSTDATE_WEBHOOK_SECRET", "webhook_secret", f"{SECRET}, {OTHER}", (SECRET, OTHER)),
    (
        "POSTDATE_WEBHOOK_ALLOW",
        "webhook_allow",
        "127.0.0.0/8, ::1",
        (IPv4Network("127.0.0.0/8"), IPv6Network("::1/128")),
    ),
    ("POSTDATE_WEBHOOK_TIMEOUT", "webhook_timeout", "PT2S", timedelta(seconds=2)),
    ("POSTDATE_PLACES", "places", "stream:orders-*, list:jobs", ("stream:orders-*", "list:jobs")),
    ("POSTDATE_TIMEZONE", "timezone", "Europe/Kyiv", ZoneInfo("Europe/Kyiv")),
    ("POSTDATE_API_KEYS", "api_keys", "shop:s3cret", (ApiKey(name="shop", secret="s3cret", may_write=True),)),  # noqa: S106
    ("POSTDATE_RATE_LIMIT", "rate_limit", "100/s", RateLimit(requests=100, seconds=1)),
    ("POSTDATE_RETENTION", "retention", "2d", timedelta(days=2)),
    ("POSTDATE_RETENTION_COUNT", "retention_count", "500", 500),
    ("POSTDATE_MAX_BODY_BYTES", "max_body_bytes", "1024", 1024),
    ("POSTDATE_MAX_REQUEST_BYTES", "max_request_bytes", "2048", 2048),
]
UNREADABLE = [
    *(("durability", text) for text in ("disk", "STORE", "fsync:1", "replicas", "replicas:0", "replicas:1000")),
    *(("strict", text) for text in ("yes", "true", "2", " 1")),
    *(("partitions", text) for text in ("0", "-1", "1.5", "two", "1e3", "٣", "1_000", " 1", "9" * 5000)),
    *(("partitions", "4097"), ("lease_ttl", "99ms"), ("lease_ttl", "PT0.001S")),
    *(("rate_limit", text) for text in ("100", "0/s", "fast")),
    *(("retention_count", "0"), ("max_body_bytes", "256K"), ("max_request_bytes", "-5")),
    *((field, "soon") for field in ("poll_interval", "lease_ttl", "drain_timeout", "retention")),
    *(("poll_interval", text) for text in ("1", "-1s", "PT0S", "0s", "1 minute", "PT", "P1Y")),
    *(("timezone", text) for text in ("Mars/Olympus", "../../etc/passwd", "/etc/localtime", "\x00", "x" * 300)),
    *(("webhook_allow", text) for text in ("localhost", "10.0.0.1/8", "127.0.0.0/8,", "127.1", "10/8")),
    *(("places", text) for text in ("orders", "stream:", "redis:x", "*", "stream:a,", "s*:a")),
    *(("webhook_timeout", text) for text in ("0s", "30")),
    *(
        ("webhook_secret", text)
        for text in (
            "hidden",
            "whsec_hidden",
            "whsec_",
            f"{SECRET},",
            "whsec_hiddenhiddenhidden!hidden",
            SECRET[6:],
        )
    ),
    *(
        ("api_keys", text)
        for text in ("hidden", "shop:", ":hidden", "a:hidden,", "shop:hidden:write", "a:hidden:read:x")
    ),
]
VARIABLES = {name: variable for variable, name, _, _ in READABLE}


def test_these_tests_cover_every_setting() -> None:
    assert {setting.name: setting.metadata["variable"] for setting in fields(Settings)} == VARIABLES


def test_every_setting_has_a_default() -> None:
    settings = load_settings({}, {})
    assert settings.redis_url == ""
    assert settings.durability == Durability(level=DurabilityLevel.STORE)
    assert not settings.strict
    assert settings.partitions == 1
    assert settings.lease_ttl == timedelta(seconds=2)
    assert settings.poll_interval == timedelta(seconds=1)
    assert settings.drain_timeout == timedelta(seconds=30)
    assert settings.retention == timedelta(days=1)
    assert (settings.retention_count, settings.max_body_bytes, settings.max_request_bytes) == (
        10_000,
        262_144,
        16_777_216,
    )
    assert settings.timezone == ZoneInfo("UTC")
    assert settings.api_keys == ()
    assert settings.data_dir.name == "postdate"


@pytest.mark.parametrize(("variable", "name", "text", "value"), READABLE)
def test_a_variable_is_parsed(variable: str, name: str, text: str, value: object) -> None:
    assert getattr(load_settings({variable: text}, {}), name) == value


@pytest.mark.parametrize(("variable", "name", "text", "value"), READABLE)
def test_a_flag_takes_precedence_over_its_variable(variable: str, name: str, text: str, value: object) -> None:
    assert getattr(load_settings({variable: "not read"}, {name: text}), name) == value


@pytest.mark.parametrize(("variable", "name"), [(variable, name) for variable, name, _, _ in READABLE])
def test_an_empty_text_counts_as_not_set(variable: str, name: str) -> None:
    assert load_settings({variable: ""}, {name: ""}) == load_settings({}, {name: None}) == Settings()


@pytest.mark.parametrize(("name", "text"), UNREADABLE)
def test_the_error_of_an_invalid_variable_names_it(name: str, text: str) -> None:
    with pytest.raises(ConfigurationError) as wrong:
        load_settings({VARIABLES[name]: text}, {})
    assert wrong.value.setting == VARIABLES[name]
    assert str(wrong.value).startswith(f"{VARIABLES[name]} ")


@pytest.mark.parametrize(("name", "text"), UNREADABLE)
def test_the_error_of_an_invalid_flag_names_it(name: str, text: str) -> None:
    with pytest.raises(ConfigurationError) as wrong:
        load_settings({}, {name: text})
    assert wrong.value.setting == f"--{name.replace('_', '-')}"


@given(text=st.text(min_size=1))
def test_any_text_of_a_variable_is_parsed_or_refused(text: str) -> None:
    for variable, name, _, _ in READABLE:
        try:
            assert getattr(load_settings({variable: text}, {}), name) is not None
        except ConfigurationError as error:
            assert error.setting == variable  # noqa: PT017


def test_a_representation_of_the_settings_contains_no_secret() -> None:
    settings = load_settings({"POSTDATE_API_KEYS": "shop:hidden,dashboard:hidden2:read"}, {})
    assert "hidden" not in f"{settings!r} {settings} {settings.api_keys}"
    assert "shop" in repr(settings)


@pytest.mark.parametrize("text", [text for name, text in UNREADABLE if name == "api_keys"])
def test_an_error_contains_no_secret(text: str) -> None:
    with pytest.raises(ConfigurationError) as wrong:
        load_settings({"POSTDATE_API_KEYS": text}, {})
    assert "hidden" not in str(wrong.value)
    assert "number" in str(wrong.value)


def test_a_representation_of_the_settings_contains_no_password_of_the_store() -> None:
    assert "hidden" not in repr(load_settings({"POSTDATE_REDIS_URL": "redis://:hidden@host"}, {}))
