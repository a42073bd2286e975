"""Things are found by their names: tests mirror modules, and no name is vague."""

from pathlib import Path

from architecture.rules import orphaned_tests, undocumented_modules, vague_names

ROOT = Path(__file__).parents[2]
SOURCE = ROOT / "src" / "switchroom"

ACROSS_MODULES = {
    "sip/message/test_rfc4475.py": "the torture messages of RFC 4475 try a whole package",
    "sip/test_user_agent_rfc4475.py": "the same against the whole user agent",
}
"Unit tests that are not about one module, each with its reason."


def test_every_unit_test_is_named_after_a_module() -> None:
    assert orphaned_tests(ROOT / "tests" / "unit", SOURCE, ACROSS_MODULES) == []


def test_no_module_or_class_has_a_vague_name() -> None:
    assert vague_names(SOURCE) == []


def test_every_module_says_what_it_is_for() -> None:
    assert undocumented_modules(SOURCE) == []


def test_an_orphaned_test_is_found(tmp_path: Path) -> None:
    tests, source = tmp_path / "unit", tmp_path / "source"
    (tests / "sip").mkdir(parents=True)
    (source / "sip" / "message").mkdir(parents=True)
    (source / "sip" / "digest.py").touch()
    for name in ("test_digest.py", "test_message.py", "test_gone.py", "conftest.py"):
        (tests / "sip" / name).touch()
    assert orphaned_tests(tests, source, {}) == ["sip/test_gone.py: there is no sip/gone.py"]
    assert orphaned_tests(tests, source, {"sip/test_gone.py": "because"}) == []


def test_vague_names_are_found(tmp_path: Path) -> None:
    for name in ("utils", "call_helpers", "handler", "calls", "database"):
        (tmp_path / f"{name}.py").write_text("class Call:\n    pass\n")
    (tmp_path / "trunks.py").write_text("\nclass TrunkManager:\n    pass\n")
    assert vague_names(tmp_path) == [
        "call_helpers.py: name",
        "handler.py: name",
        "trunks.py:2: class TrunkManager",
        "utils.py: name",
    ]


def test_a_module_without_docstring_is_found(tmp_path: Path) -> None:
    (tmp_path / "silent.py").write_text("x = 1\n")
    (tmp_path / "told.py").write_text('"""Says what it is for."""\n')
    assert undocumented_modules(tmp_path) == ["silent.py"]
