from __future__ import annotations

import logging
from importlib.metadata import PathDistribution
from typing import TYPE_CHECKING

import pytest

from postdate.adapters.channels.plug_ins import plug_in_channels
from postdate.adapters.memory.clock import ManualClock

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path


def installed(folder: Path, name: str, entry_points: str | None) -> PathDistribution:
    """Returns an installed package, written as an installer writes it."""
    info = folder / f"{name}-1.0.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n", "utf-8")
    if entry_points is not None:
        (info / "entry_points.txt").write_text(entry_points, "utf-8")
    return PathDistribution(info)


def schemes(distributions: Iterable[PathDistribution], reserved: Iterable[str] = ("console",)) -> list[str]:
    return list(plug_in_channels({}, ManualClock(), list(reserved), lambda: distributions))


def errors_in(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [str(vars(record)) for record in caplog.records if record.levelno == logging.ERROR]


def test_every_entry_point_of_the_group_is_a_scheme(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    several = "[console_scripts]\nx = y:z\n\n[postdate.channels]\nfax = nowhere:Fax\nirc.v3 = nowhere:Irc\n"
    found = schemes([installed(tmp_path, "a", several), installed(tmp_path, "b", None)])
    assert found == ["fax", "irc.v3"]
    assert errors_in(caplog) == []


def test_a_broken_package_loses_its_own_channels_only(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    broken = installed(tmp_path, "broken", "[postdate.channels]\nthis is not an entry point\n")
    nameless = installed(tmp_path, "nameless", "[postdate.channels]\nx = y:z\n")
    (tmp_path / "nameless-1.0.dist-info" / "METADATA").unlink()
    good = installed(tmp_path, "good", "[postdate.channels]\nfax = nowhere:Fax\n")
    assert schemes([broken, nameless, good]) == ["fax"]
    errors = errors_in(caplog)
    assert len(errors) == 2
    assert "broken-1.0" in errors[0]
    assert "nameless-1.0" in errors[1]


@pytest.mark.parametrize("scheme", ["console", "Fax", "2fax", "fax machine", "fax:"])
def test_a_reserved_or_invalid_scheme_is_logged(
    tmp_path: Path, scheme: str, caplog: pytest.LogCaptureFixture
) -> None:
    assert schemes([installed(tmp_path, "some-fax", f"[postdate.channels]\n{scheme} = nowhere:Fax\n")]) == []
    (error,) = errors_in(caplog)
    assert "some-fax" in error
    assert scheme in error


def test_the_package_whose_name_sorts_first_provides_a_scheme_of_two_packages(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    later = installed(tmp_path, "b-fax", "[postdate.channels]\nfax = nowhere:Later\n")
    first = installed(tmp_path, "A_fax", "[postdate.channels]\nfax = nowhere:First\n")
    assert schemes([later, first]) == ["fax"]
    (error,) = errors_in(caplog)
    assert "b-fax" in error
    assert "another plug-in" in error


def test_the_first_of_two_installations_of_a_package_on_the_path_counts(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    first = installed(tmp_path / "first", "a_fax", "[postdate.channels]\nfax = nowhere:Fax\n")
    hidden = installed(tmp_path / "hidden", "a-fax", "[postdate.channels]\nfax = nowhere:Fax\nirc = nowhere:Irc\n")
    assert schemes([first, hidden]) == ["fax"]
    assert errors_in(caplog) == []
