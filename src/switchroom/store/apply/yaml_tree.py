"""Reads YAML into plain values that remember their lines; refuses what a configuration never needs.

Unquoted words stay the text that was written, so ``NO`` is Norway, ``+12025550100`` keeps its plus
and ``0123`` its zero; what a field means decides ``document.py``. Only null is special. Aliases
(which let a small file grow without end), tags, repeated keys and deep nesting are refused.
"""

from collections.abc import Iterator

import yaml
from msgspec import Struct

from switchroom.foundation.fields import path_of
from switchroom.store.apply.fault import Fault, Location

LARGEST_FILE = 4 << 20
"Bytes of UTF-8."
DEEPEST = 16
"Levels of lists and mappings inside each other."

Value = str | None | list["Value"] | dict[str, "Value"]
_NULL = {"", "~", "null", "Null", "NULL"}
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class Tree(Struct, frozen=True):
    """The values, and the line (from 1) of every key and list entry."""

    value: Value
    lines: dict[Location, int]
    has_lines: bool = True

    def line_of(self, location: Location) -> int:
        """The line of a field; of what it would be in, if the file does not have it.

        0 in a tree without lines.
        """
        for length in range(len(location), 0, -1):
            line = self.lines.get(location[:length])
            if line is not None:
                return line
        return 1 if self.has_lines else 0


def read_yaml(text: str) -> Tree | Fault:
    """The tree of a file, or the first thing that makes it unreadable."""
    if len(text) > LARGEST_FILE or len(text.encode(errors="replace")) > LARGEST_FILE:
        return Fault(0, "", f"the file has more than {LARGEST_FILE >> 20} MiB")
    lines: dict[Location, int] = {}
    events = yaml.parse(text, Loader=_LOADER)
    try:
        return Tree(_document(events, lines), lines)
    except _RefusedError as refused:
        return refused.fault
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        return Fault(mark.line + 1 if mark else 0, "", f"is not YAML: {error.problem}")
    except (yaml.YAMLError, UnicodeError) as error:
        return Fault(0, "", f"is not YAML: {error}".partition("\n")[0])


class _RefusedError(Exception):
    def __init__(self, event: yaml.Event, location: Location, text: str) -> None:
        super().__init__(text)
        self.fault = Fault(_line(event), path_of(location), text)


def _line(event: yaml.Event) -> int:
    return event.start_mark.line + 1 if event.start_mark else 0


def _document(events: Iterator[yaml.Event], lines: dict[Location, int]) -> Value:
    value: Value = None
    documents = 0
    for event in events:
        if isinstance(event, yaml.DocumentStartEvent):
            documents += 1
            if documents > 1:
                raise _RefusedError(event, (), "the file has a second document (---)")
            value = _node(next(events), events, lines, ())
    return value


def _node(
    event: yaml.Event, events: Iterator[yaml.Event], lines: dict[Location, int], where: Location
) -> Value:
    if isinstance(event, yaml.AliasEvent):
        raise _RefusedError(event, where, "aliases (*name) are not allowed; write it out")
    if (tag := getattr(event, "tag", None)) not in {None, "!"}:
        raise _RefusedError(event, where, f"tags ({tag}) are not allowed")
    if len(where) > DEEPEST:
        raise _RefusedError(event, where, "is nested too deeply")
    if isinstance(event, yaml.MappingStartEvent):
        return _mapping(events, lines, where)
    if isinstance(event, yaml.SequenceStartEvent):
        return _sequence(events, lines, where)
    if not isinstance(event, yaml.ScalarEvent):
        raise _RefusedError(event, where, "cannot be read")
    plain = not event.style
    return None if plain and event.value in _NULL else str(event.value)


def _mapping(
    events: Iterator[yaml.Event], lines: dict[Location, int], where: Location
) -> dict[str, Value]:
    found: dict[str, Value] = {}
    while not isinstance(event := next(events), yaml.MappingEndEvent):
        if not isinstance(event, yaml.ScalarEvent):
            raise _RefusedError(event, where, "a key must be a word")
        key = str(event.value)
        place = (*where, key)
        if key in found:
            text = f"is given twice, first in line {lines[place]}"
            raise _RefusedError(event, place, text)
        lines[place] = _line(event)
        found[key] = _node(next(events), events, lines, place)
    return found


def _sequence(
    events: Iterator[yaml.Event], lines: dict[Location, int], where: Location
) -> list[Value]:
    found: list[Value] = []
    while not isinstance(event := next(events), yaml.SequenceEndEvent):
        place = (*where, len(found))
        lines[place] = _line(event)
        found.append(_node(event, events, lines, place))
    return found
