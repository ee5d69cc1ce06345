"""YAML files read strictly: unknown keys refused, every problem reported with its line.

`load` is the only way in which a YAML file enters the package. It composes the file once for line numbers (which
pydantic cannot know) and once for values, and turns whatever is wrong into one `ConfigError`.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, TypeVar

import yaml
from pydantic import BaseModel, ValidationError

from simcollect.errors import ConfigError, Problem, nearest

M = TypeVar("M", bound=BaseModel)


def load(path: str | Path, model: type[M]) -> M:
    """Read a YAML file into a checked model.

    Parameters
    ----------
    path : the file
    model : a pydantic model, usually with ``extra="forbid"``

    Raises
    ------
    ConfigError
        The file is missing, is not YAML, or breaks the model; all problems at once, each with its line.

    Examples
    --------
    >>> class Team(BaseModel, extra="forbid"):
    ...     collectors: int
    >>> import tempfile, pathlib
    >>> file = pathlib.Path(tempfile.mkdtemp()) / "team.yaml"
    >>> _ = file.write_text("collectors: 12")
    >>> load(file, Team).collectors
    12
    """
    file = Path(path)
    try:
        text = file.read_text(encoding="utf-8")
    except OSError as error:
        remedy = "check the path" if isinstance(error, FileNotFoundError) else "check that it can be read"
        raise ConfigError(
            [Problem(str(path), None, None, None, f"cannot be read ({error.strerror})", remedy)]
        ) from None
    except UnicodeDecodeError:
        raise ConfigError([Problem(str(path), None, None, None, "is not UTF-8 text", "save it as UTF-8")]) from None
    return parse(text, model, str(path))


def parse(text: str, model: type[M], where: str = "<text>") -> M:
    """Read YAML text into a checked model; see `load`.

    Examples
    --------
    >>> class Team(BaseModel, extra="forbid"):
    ...     collectors: int
    >>> parse("collectors: twelve", Team, "team.yaml")
    Traceback (most recent call last):
    simcollect.errors.ConfigError: 1 problem found:
      - team.yaml, row 1, column collectors: 'twelve': Input should be a valid integer, ...
    """
    try:
        root = yaml.compose(text, Loader=yaml.SafeLoader)
        data = yaml.safe_load(text)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        row = mark.line + 1 if mark is not None else None
        reason = getattr(error, "problem", None) or str(error)
        raise ConfigError([Problem(where, row, None, None, f"is not YAML ({reason})", "mend the syntax")]) from None
    if not isinstance(data, dict):
        raise ConfigError([Problem(where, 1, None, None, "must be a mapping of keys to values", "see docs")])
    try:
        return model.model_validate(data)
    except ValidationError as error:
        raise ConfigError(
            [_problem(where, root, model, dict(item)) for item in error.errors(include_url=False)]
        ) from None


def _problem(where: str, root: yaml.Node | None, model: type[BaseModel], item: dict[str, Any]) -> Problem:
    location = tuple(part for part in item["loc"] if part != "[key]")  # of a mapping's key itself
    key = ".".join(str(part) for part in location)
    row = _line(root, location)
    if item["type"] == "extra_forbidden":
        known = _fields_at(model, location[:-1])
        return Problem(where, row, key, None, "unknown key", nearest(str(location[-1]), known))
    if item["type"] == "missing":
        return Problem(where, row, key, None, "is required", f"add {location[-1]}")
    message = str(item["msg"]).removeprefix("Value error, ")
    if not location:  # what several keys say together: to repeat the whole file would tell nothing
        return Problem(where, None, None, None, message, "correct it")
    return Problem(where, row, key, repr(item["input"])[:60], message, "correct it")


def _line(node: yaml.Node | None, location: tuple[Any, ...]) -> int | None:
    """Return the line of the deepest node that the location still reaches."""
    row = node.start_mark.line + 1 if node is not None else None
    for part in location:
        child = None
        if isinstance(node, yaml.MappingNode):
            for key, value in node.value:
                if key.value == str(part):
                    row, child = key.start_mark.line + 1, value
        elif isinstance(node, yaml.SequenceNode) and isinstance(part, int) and part < len(node.value):
            child = node.value[part]
            row = child.start_mark.line + 1
        if child is None:
            break
        node = child
    return row


def _fields_at(model: type[BaseModel], location: tuple[Any, ...]) -> list[str]:
    """Return the keys that are valid at a location of nested models."""
    current: Any = model
    for part in location:
        if isinstance(part, str) and isinstance(current, type) and issubclass(current, BaseModel):
            field = current.model_fields.get(part)
            current = field.annotation if field is not None else None
            current = _inner_model(current)
    if isinstance(current, type) and issubclass(current, BaseModel):
        return list(current.model_fields)
    return []


def _inner_model(annotation: Any) -> Any:
    """Return the model inside ``list[Model]``, ``dict[str, Model]`` or ``Model | None``."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    for inner in getattr(annotation, "__args__", ()):
        found = _inner_model(inner)
        if found is not None:
            return found
    return None
