"""Code names no permission that the catalogue does not have.

Most permissions are declared objects, so a typing error is one of Python's. What is left are names
in text; a wrong one would be found only by whoever is refused for it.
"""

import ast
import re
from collections.abc import Collection, Iterator
from pathlib import Path

from switchroom.app.catalog import catalog
from switchroom.permissions.catalog import UnknownPatternError

SOURCE = Path(__file__).parents[2] / "src" / "switchroom"
NAME = re.compile(r"[a-z][a-z0-9_]*:[a-z][a-z0-9_]*\Z")
ASKS = {"bit", "permission", "expand", "expand_deny"}
"Methods of the catalogue; they take nothing but permissions."
NOTES = {"note": 0}
"""Where a call says what was done, for the audit log: not all that is done has a permission of its
own. In its own module a function is known by its parameter ``action``."""


def unknown_permissions(source: Path, resources: Collection[str]) -> list[str]:
    """Texts that are permissions by their form, and none of the catalogue's."""
    found = []
    for path in sorted(source.rglob("*.py")):
        tree = ast.parse(path.read_text("utf-8"))
        actions = set(_actions(tree))
        for node, text, is_asked in _texts(tree):
            is_meant = is_asked or text.partition(":")[0] in resources
            if node not in actions and is_meant and not _is_known(text):
                found.append(f"{path.relative_to(source)}:{node.lineno}: {text}")
    return found


def _texts(tree: ast.AST) -> Iterator[tuple[ast.Constant, str, bool]]:
    """Texts of that form, and whether the catalogue is asked for them."""
    asked = {
        argument
        for call in ast.walk(tree)
        if isinstance(call, ast.Call) and _name(call) in ASKS
        for argument in call.args
    }
    for node in ast.walk(tree):
        if not isinstance(node, ast.Constant) or not isinstance(node.value, str):
            continue
        if NAME.match(node.value):
            yield node, node.value, node in asked


def _actions(tree: ast.AST) -> Iterator[ast.AST]:
    places = NOTES | {
        one.name: [argument.arg for argument in one.args.args].index("action")
        for one in ast.walk(tree)
        if isinstance(one, ast.FunctionDef) and "action" in [a.arg for a in one.args.args]
    }
    for call in ast.walk(tree):
        if isinstance(call, ast.Call):
            yield from (one.value for one in call.keywords if one.arg == "action")
            place = places.get(_name(call))
            yield from () if place is None else call.args[place : place + 1]


def _name(call: ast.Call) -> str:
    return str(getattr(call.func, "attr", getattr(call.func, "id", "")))


def _is_known(text: str) -> bool:
    try:
        catalog().expand_deny(text)
    except UnknownPatternError:
        return False
    return True


def test_no_permission_is_named_that_there_is_not() -> None:
    assert unknown_permissions(SOURCE, {one.name for one in catalog().resources}) == []


def test_a_permission_that_there_is_not_is_found(tmp_path: Path) -> None:
    (tmp_path / "asks.py").write_text('catalog.bit("nothing:get")\ncatalog.bit("calls:get")\n')
    (tmp_path / "grants.py").write_text('Grant("agent", ("calls:hang_up", "calls:read"))\n')
    (tmp_path / "writes.py").write_text('note("calls:hang_up")\nEntry(action="calls:hang_up")\n')
    (tmp_path / "other.py").write_text('role_id = "builtin:agent"\n')
    assert unknown_permissions(tmp_path, {"calls"}) == [
        "asks.py:1: nothing:get",
        "grants.py:1: calls:hang_up",
    ]
