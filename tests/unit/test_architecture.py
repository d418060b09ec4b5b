"""What the layers may import, and how modules may be called and how long they may be."""

from __future__ import annotations

import ast
import sys
from pathlib import Path

import pytest

import postdate

PACKAGE = Path(postdate.__file__).parent
MODULES = sorted(PACKAGE.rglob("*.py"))
INNER = [
    module for module in MODULES if module.relative_to(PACKAGE).parts[0] in {"domain", "application", "receiver"}
]
LAYERS = ("domain", "application", "adapters", "entrypoints")
SAY_NOTHING = {"utils", "util", "helpers", "helper", "common", "base", "manager", "managers", "misc"}


def name_of(module: Path) -> str:
    return str(module.relative_to(PACKAGE))


def imports_of(module: Path) -> tuple[set[str], set[str]]:
    """Returns the top-level packages that a module imports, and the layers of `postdate` that it reaches."""
    packages, layers = set(), set()
    here = module.relative_to(PACKAGE).parent.parts
    for node in ast.walk(ast.parse(module.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            packages |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and not node.level:
            packages.add((node.module or "").partition(".")[0])
        elif isinstance(node, ast.ImportFrom):
            start = here[: len(here) - node.level + 1]
            path = (*start, *(node.module or "").split("."))
            layers |= {path[0]} if path[0] else {alias.name for alias in node.names}
    return packages, layers & set(LAYERS)


def test_there_are_modules_to_look_at() -> None:
    assert len(INNER) > 20
    assert {layer for module in MODULES for layer in imports_of(module)[1]} >= set(LAYERS[:3])


@pytest.mark.parametrize("module", INNER, ids=name_of)
def test_domain_application_and_receiver_need_the_standard_library_alone(module: Path) -> None:
    packages, _ = imports_of(module)
    assert packages <= set(sys.stdlib_module_names)


@pytest.mark.parametrize("module", MODULES, ids=name_of)
def test_imports_point_inwards_and_are_relative(module: Path) -> None:
    packages, layers = imports_of(module)
    assert not packages & {"postdate", "src"}
    own = module.relative_to(PACKAGE).parts[0]
    if own in LAYERS:
        assert layers <= set(LAYERS[: LAYERS.index(own) + 1])


@pytest.mark.parametrize("module", MODULES, ids=name_of)
def test_a_module_has_a_name_that_says_something(module: Path) -> None:
    assert not set(Path(name_of(module)).with_suffix("").parts) & SAY_NOTHING
