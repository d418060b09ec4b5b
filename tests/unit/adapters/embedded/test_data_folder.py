from __future__ import annotations

import stat
from pathlib import Path

import pytest

from postdate.adapters.embedded.data_folder import MAX_SOCKET_PATH_BYTES, DataFolder
from postdate.domain.errors import ConfigurationError


def test_a_new_folder_is_private_to_its_owner_and_stays_empty(tmp_path: Path) -> None:
    folder = tmp_path / "new" / "data"
    DataFolder(folder).prepare()
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert list(folder.iterdir()) == []


def test_an_existing_folder_is_used_unchanged(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    DataFolder(tmp_path).prepare()
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


def test_a_path_of_a_file_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.touch()
    with pytest.raises(ConfigurationError, match=rf"^POSTDATE_DATA_DIR {file} is not a folder$"):
        DataFolder(file).prepare()


def test_a_folder_below_a_file_cannot_be_created(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(ConfigurationError, match=r"^POSTDATE_DATA_DIR /.* cannot be created: Not a directory$"):
        DataFolder(tmp_path / "file" / "data").prepare()


@pytest.mark.skipif(not Path("/proc/self").exists(), reason="this system has no /proc")
def test_a_folder_in_which_no_file_can_be_created_is_not_writable() -> None:
    with pytest.raises(ConfigurationError, match=r"^POSTDATE_DATA_DIR /proc is not writable: \w+"):
        DataFolder(Path("/proc")).prepare()


def test_a_path_too_long_for_a_socket_is_refused_before_anything_is_created(tmp_path: Path) -> None:
    # The limit counts bytes, not characters.
    folder = DataFolder(tmp_path / ("é" * 60))
    length = len(str(folder.socket).encode())
    with pytest.raises(ConfigurationError) as refusal:
        folder.prepare()
    assert refusal.value.setting == "POSTDATE_DATA_DIR"
    assert f"has {length} bytes, at most {MAX_SOCKET_PATH_BYTES} fit" in refusal.value.reason
    assert list(tmp_path.iterdir()) == []
