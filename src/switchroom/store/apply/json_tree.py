"""Reads JSON into the same plain values as YAML. They remember no lines; programs read fields."""

import json
from typing import Any

from switchroom.store.apply.fault import Fault
from switchroom.store.apply.yaml_tree import DEEPEST, LARGEST_FILE, Tree, Value

_WORDS = {True: "true", False: "false"}


class _RefusedError(Exception):
    pass


def read_json(text: str) -> Tree | Fault:
    """The tree of a document, or the first thing that makes it unreadable."""
    if len(text) > LARGEST_FILE or len(text.encode(errors="replace")) > LARGEST_FILE:
        return Fault(0, "", f"the file has more than {LARGEST_FILE >> 20} MiB")
    try:
        # Numbers stay the text that was written, as in YAML: what they are says their field.
        found = json.loads(
            text,
            parse_int=str,
            parse_float=str,
            parse_constant=_no_number,
            object_pairs_hook=_without_repetition,
        )
        return Tree(_value(found, 0), {}, has_lines=False)
    except json.JSONDecodeError as error:
        return Fault(error.lineno, "", f"is not JSON: {error.msg}")
    except _RefusedError as refused:
        return Fault(0, "", str(refused))
    except RecursionError:
        return Fault(0, "", "is nested too deeply")


def _value(found: Any, depth: int) -> Value:
    if depth > DEEPEST:
        raise _RefusedError("is nested too deeply")
    if isinstance(found, dict):
        return {_text(key): _value(value, depth + 1) for key, value in found.items()}
    if isinstance(found, list):
        return [_value(value, depth + 1) for value in found]
    if isinstance(found, bool):
        return _WORDS[found]
    return None if found is None else _text(found)


def _text(text: str) -> str:
    """Half a character (``\\ud800`` alone) is nothing that could be stored."""
    try:
        text.encode()
    except UnicodeEncodeError:
        raise _RefusedError("has an escape that is half a character") from None
    return text


def _no_number(name: str) -> str:
    raise _RefusedError(f"{name} is no JSON")


def _without_repetition(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, value in pairs:
        if name in found:
            raise _RefusedError(f"{name[:80]!a} is given twice")
        found[name] = value
    return found
