"""Modules and packages stay small enough to be read at once."""

from pathlib import Path

from architecture.rules import large_packages, long_modules

ROOT = Path(__file__).parents[2]
SOURCE = ROOT / "src" / "switchroom"
LIMIT_LINES = 400
LIMIT_MODULES = 12
LONG_MODULES: dict[str, str] = {}
"Modules over the limit, each with its reason."
LARGE_PACKAGES: dict[str, tuple[int, str]] = {
    "app": (20, "the only place that wires; one file for each thing that is wired"),
    "drivers": (40, "one flat file per door to the outside; they do not know each other"),
    "store/apply": (17, "the steps from a file's text to the database, and back"),
    "cli": (24, "one module per command"),
    "directory": (18, "one file per question about the configuration, found by its name"),
    "calls": (20, "one file per decision about a call, found by its name"),
    "api/routes": (40, "one file for each noun, found by its name"),
    "store/resources": (20, "one file for each kind of thing with rules of its own"),
    "store": (40, "one module per kind of thing that is stored, named after it"),
    "store/migrations/versions": (1000, "one file for each change of the schema there ever was"),
    "agents": (16, "one file per question about where a call goes, found by its name"),
}
"Packages over the limit: how many modules they may have, and why."


def test_modules_are_short() -> None:
    assert long_modules(SOURCE, LIMIT_LINES, LONG_MODULES) == []


def test_packages_are_small() -> None:
    assert large_packages(SOURCE, LIMIT_MODULES, LARGE_PACKAGES) == []


def test_a_long_module_is_found(tmp_path: Path) -> None:
    (tmp_path / "long.py").write_text("x = 1\n" * 401)
    (tmp_path / "short.py").write_text("x = 1\n" * 400)
    assert long_modules(tmp_path, 400, {}) == ["long.py: 401 lines, 400 allowed"]
    assert long_modules(tmp_path, 400, {"long.py": "because"}) == []
    assert long_modules(tmp_path, 400, {"long.py": ""}) == ["long.py: 401 lines, 400 allowed"]


def test_an_exception_that_is_no_longer_needed_is_found(tmp_path: Path) -> None:
    (tmp_path / "short.py").write_text("x = 1\n")
    assert len(long_modules(tmp_path, 400, {"short.py": "because", "gone.py": "because"})) == 2
    (tmp_path / "small").mkdir()
    assert len(large_packages(tmp_path, 3, {"small": (5, "because")})) == 1


def test_a_large_package_is_found(tmp_path: Path) -> None:
    package = tmp_path / "large"
    package.mkdir()
    for name in ("__init__", "a", "b", "c"):
        (package / f"{name}.py").touch()
    assert large_packages(tmp_path, 3, {}) == []
    assert large_packages(tmp_path, 2, {}) == ["large: 3 modules, 2 allowed"]
    assert large_packages(tmp_path, 2, {"large": (3, "because")}) == []
    assert len(large_packages(tmp_path, 2, {"large": (3, "")})) == 1
