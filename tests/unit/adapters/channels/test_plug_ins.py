from __future__ import annotations

import logging
from importlib.metadata import PathDistribution
from typing import TYPE_CHECKING

import pytest

from postdate.adapters.channels.plug_ins import plug_ins
from postdate.adapters.memory.clock import ManualClock

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path


def installed(folder: Path, name: str, entry_points: str | None) -> PathDistribution:
    """Returns a package as an installer would have left it."""
    home = folder / f"{name}-1.0.dist-info"
    home.mkdir(parents=True)
    (home / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n", "utf-8")
    if entry_points is not None:
        (home / "entry_points.txt").write_text(entry_points, "utf-8")
    return PathDistribution(home)


def schemes(distributions: Iterable[PathDistribution], taken: Iterable[str] = ("console",)) -> list[str]:
    return list(plug_ins({}, ManualClock(), list(taken), lambda: distributions))


def errors_in(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [str(vars(record)) for record in caplog.records if record.levelno == logging.ERROR]


def test_every_entry_point_of_the_group_is_a_scheme(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    several = "[console_scripts]\nx = y:z\n\n[postdate.channels]\nfax = nowhere:Fax\nirc.v3 = nowhere:Irc\n"
    found = schemes([installed(tmp_path, "a", several), installed(tmp_path, "b", None)])
    assert found == ["fax", "irc.v3"]
    assert errors_in(caplog) == []


def test_a_package_that_is_broken_costs_its_own_channels_only(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    broken = installed(tmp_path, "broken", "[postdate.channels]\nthis is no entry point\n")
    nameless = installed(tmp_path, "nameless", "[postdate.channels]\nx = y:z\n")
    (tmp_path / "nameless-1.0.dist-info" / "METADATA").unlink()
    good = installed(tmp_path, "good", "[postdate.channels]\nfax = nowhere:Fax\n")
    assert schemes([broken, nameless, good]) == ["fax"]
    told = errors_in(caplog)
    assert len(told) == 2
    assert "broken-1.0" in told[0]
    assert "nameless-1.0" in told[1]


@pytest.mark.parametrize("scheme", ["console", "Fax", "2fax", "fax machine", "fax:"])
def test_a_scheme_that_is_taken_or_none_is_said_in_the_log(
    tmp_path: Path, scheme: str, caplog: pytest.LogCaptureFixture
) -> None:
    assert schemes([installed(tmp_path, "some-fax", f"[postdate.channels]\n{scheme} = nowhere:Fax\n")]) == []
    (told,) = errors_in(caplog)
    assert "some-fax" in told
    assert scheme in told


def test_of_two_packages_with_one_scheme_the_first_by_name_provides_it(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    later = installed(tmp_path, "b-fax", "[postdate.channels]\nfax = nowhere:Later\n")
    first = installed(tmp_path, "A_fax", "[postdate.channels]\nfax = nowhere:First\n")
    assert schemes([later, first]) == ["fax"]
    (told,) = errors_in(caplog)
    assert "b-fax" in told
    assert "another plug-in" in told


def test_of_two_installations_of_a_package_the_first_on_the_path_counts(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    first = installed(tmp_path / "first", "a_fax", "[postdate.channels]\nfax = nowhere:Fax\n")
    hidden = installed(tmp_path / "hidden", "a-fax", "[postdate.channels]\nfax = nowhere:Fax\nirc = nowhere:Irc\n")
    assert schemes([first, hidden]) == ["fax"]
    assert errors_in(caplog) == []
