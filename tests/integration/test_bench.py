from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner

from bench.__main__ import main

if TYPE_CHECKING:
    from pathlib import Path


def figures_of(folder: Path, *arguments: str) -> list[dict[str, object]]:
    file = folder / "bench.json"
    result = CliRunner().invoke(main, [*arguments, "--persistence", "none", "--json", str(file)])
    assert result.exit_code == 0, result.output
    figures: list[dict[str, object]] = json.loads(file.read_text())["figures"]
    return figures


def test_growth_can_be_tried_with_few_messages(tmp_path: Path) -> None:
    figures = figures_of(tmp_path, "growth", "--max-pending", "500")
    assert [figure["unit"] for figure in figures] == ["messages/s", "ms", "ms"]
    for figure in figures:
        assert figure["ratio"] == pytest.approx(figure["value"] / figure["limit"])  # type: ignore[operator]
