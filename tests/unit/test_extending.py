"""The examples of docs/extending.md run, and what they claim of their effect holds."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

PAGE = Path(__file__).parents[2] / "docs" / "extending.md"
SECTION = re.compile(r"^## (.+)$", re.MULTILINE)


def blocks(text: str) -> str:
    """Return the Python code of a part of the page, with its lines where they stand in it."""
    inside, lines = False, []
    for line in text.splitlines():
        if line.startswith("```"):
            inside = line == "```python"
            lines.append("")
        else:
            lines.append(line if inside else "")
    return "\n".join(lines)


HEAD, *REST = SECTION.split(PAGE.read_text(encoding="utf-8"))
EXAMPLES = dict(zip(REST[::2], REST[1::2], strict=True))


@pytest.fixture(scope="module")
def namespace() -> dict[str, Any]:
    """Run what the examples share, in one namespace, as a reader would who goes down the page."""
    names: dict[str, Any] = {}
    exec(compile(blocks(HEAD), str(PAGE), "exec"), names)
    return names


@pytest.mark.parametrize("title", EXAMPLES)
def test_the_example_does_what_it_says(title: str, namespace: dict[str, Any]) -> None:
    code = blocks(EXAMPLES[title])
    assert "assert " in code
    exec(compile(code, f"{PAGE}: {title}", "exec"), namespace)


def test_the_page_names_everything_a_process_may_change() -> None:
    from simcollect.simulation import Simulation

    starred = re.findall(r"^ +(\w+) \(\*\)", Simulation.__doc__ or "", re.MULTILINE)
    assert len(starred) >= 5
    for name in starred:
        assert f"`sim.{name}" in HEAD, name
