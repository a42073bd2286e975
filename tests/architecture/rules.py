"""The house rules that no ready-made tool checks; each returns what breaks it, one line a fault.

Every rule takes the folder it looks at, so a test can plant a violation and see it found.
"""

import ast
import re
from collections.abc import Iterator, Mapping
from pathlib import Path

from switchroom.foundation.events import Fact

SKIPPED = {"build", "data", "node_modules", "__pycache__"}
TEXT = {".py", ".md", ".toml", ".yaml", ".yml", ".sh", ".cfg", ".ini", ".service", ".xml"}
HEADINGS = ("## Context", "## Decision", "## Consequences", "## Alternatives")
VAGUE = re.compile(r"^_?(utils?|helpers?|managers?|handlers?|common|misc|data|info)$|[a-z]_(utils?|"
                   r"helpers?|manager|handler)$", re.IGNORECASE)  # fmt: skip
VAGUE_CLASS = re.compile(r"(Manager|Handler|Helper|Utils?)$")
PAST = re.compile(
    r"^[a-z]+\.(?:[a-z_]+ed|ringing|rang|begun|lost|taken|gone|left|sent|told|met|made)$"
)
LINK = re.compile(r"\[[^\]]*\]\(([^)\s#]+)(?:#[^)\s]*)?\)")
FENCE = re.compile(r"^```.*?^```", re.MULTILINE | re.DOTALL)
OPEN_END = re.compile(r"\b(TO" r"DO|FIX" r"ME|XX" r"X)\b(?!\(#\d+\))")
HOMES = re.compile(r"/(?:home|Users)/[a-z]")
STANDARD_ROOTS = {"opt", "usr", "srv", "var", "etc", "tmp", "home", "Users", "app", "src"}


def files(root: Path, suffixes: set[str]) -> Iterator[Path]:
    """The project's own files; hidden folders and what is built or stored there left out."""
    for path in sorted(root.rglob("*")):
        inner = path.relative_to(root)
        if path.suffix not in suffixes or not path.is_file():
            continue
        if any(part.startswith(".") or part in SKIPPED for part in inner.parts[:-1]):
            continue
        yield path


def long_modules(source: Path, limit: int, listed: Mapping[str, str]) -> list[str]:
    """Modules with more than ``limit`` lines that are not listed with a reason, or need not be."""
    lengths = {
        str(path.relative_to(source)): len(path.read_text("utf-8").splitlines())
        for path in files(source, {".py"})
    }
    faults = [
        f"{name}: {length} lines, {limit} allowed"
        for name, length in lengths.items()
        if length > limit and not listed.get(name)
    ]
    return faults + [
        f"{name}: listed as long, but it is not" for name in listed if lengths.get(name, 0) <= limit
    ]


def large_packages(source: Path, limit: int, listed: Mapping[str, tuple[int, str]]) -> list[str]:
    """Packages with more modules than ``limit``, or than listed for them with a reason.

    What every package may have, and nobody has to look for, does not count.
    """
    expected, faults = {"__init__.py", "permissions.py"}, []
    for folder in [source, *sorted(path for path in source.rglob("*") if path.is_dir())]:
        count = sum(path.name not in expected for path in folder.glob("*.py"))
        name = str(folder.relative_to(source))
        most, reason = listed.get(name, (limit, ""))
        if count > most:
            faults.append(f"{name}: {count} modules, {most} allowed")
        elif name in listed and (count <= limit or not reason):
            faults.append(f"{name}: listed as large, but it is not, or without a reason")
    return faults


def orphaned_tests(tests: Path, source: Path, listed: Mapping[str, str]) -> list[str]:
    """Unit tests that are named after no module and not listed with a reason."""
    faults = []
    for path in files(tests, {".py"}):
        inner = path.relative_to(tests)
        if not path.name.startswith("test_") or listed.get(str(inner)):
            continue
        target = source / inner.parent / path.name.removeprefix("test_")
        if not (target.is_file() or target.with_suffix("").is_dir()):
            faults.append(f"{inner}: there is no {target.relative_to(source)}")
    return faults


def vague_names(source: Path) -> list[str]:
    """Modules and classes whose name says nothing."""
    faults = []
    for path in files(source, {".py"}):
        inner = path.relative_to(source)
        if any(VAGUE.search(part.removesuffix(".py")) for part in inner.parts):
            faults.append(f"{inner}: name")
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.ClassDef) and VAGUE_CLASS.search(node.name):
                faults.append(f"{inner}:{node.lineno}: class {node.name}")
    return faults


def undocumented_modules(source: Path) -> list[str]:
    """Modules whose first line does not say what they are for."""
    return [
        str(path.relative_to(source))
        for path in files(source, {".py"})
        if not ast.get_docstring(ast.parse(path.read_text("utf-8")))
    ]


def loose_ends(root: Path) -> list[str]:
    """Open ends without an issue number, and paths of somebody's machine."""
    top = root.resolve().parts[1]
    machine = re.compile(HOMES.pattern if top in STANDARD_ROOTS else f"{HOMES.pattern}|/{top}/")
    faults = []
    for path in files(root, TEXT):
        for number, line in enumerate(path.read_text("utf-8").splitlines(), 1):
            if OPEN_END.search(line):
                faults.append(f"{path.relative_to(root)}:{number}: open end without (#issue)")
            if machine.search(line):
                faults.append(f"{path.relative_to(root)}:{number}: path of a machine")
    return faults


def broken_links(root: Path) -> list[str]:
    """Links in documents that lead to no file."""
    faults = []
    for path in files(root, {".md"}):
        text = FENCE.sub("", path.read_text("utf-8"))
        for target in LINK.findall(text):
            if not re.match(r"[a-z]+:", target) and not (path.parent / target).exists():
                faults.append(f"{path.relative_to(root)}: {target}")
    return faults


def decision_faults(folder: Path) -> list[str]:
    """Decisions that lack a heading, a number or its uniqueness."""
    faults, numbers = [], set()
    for path in sorted(folder.glob("*.md")):
        number = path.name[:4]
        if not re.fullmatch(r"\d{4}-[a-z0-9-]+\.md", path.name) or number in numbers:
            faults.append(f"{path.name}: name must be NNNN-words.md with a number of its own")
        numbers.add(number)
        lines = path.read_text("utf-8").splitlines()
        faults += [f"{path.name}: no {heading}" for heading in HEADINGS if heading not in lines]
    return faults


def fact_faults(kinds: list[type[Fact]]) -> list[str]:
    """Facts without a name of their own in the past tense, or that share one."""
    faults, seen = [], dict[str, str]()
    for kind in kinds:
        if kind.__subclasses__():
            continue  # a base of others, never published itself
        tag = str(kind.__struct_config__.tag)
        if not PAST.match(tag):
            faults.append(f"{kind.__name__}: {tag} is not noun.happened")
        resource, id_field = getattr(kind, "resource", ""), getattr(kind, "id_field", "")
        if not resource or id_field not in kind.__struct_fields__:
            faults.append(f"{kind.__name__}: does not say what it is about")
        if tag in seen:
            faults.append(f"{kind.__name__}: {tag} is already {seen[tag]}")
        seen[tag] = kind.__name__
    return faults


def all_facts(base: type[Fact] = Fact) -> list[type[Fact]]:
    """Every kind of fact that has been imported so far."""
    found = []
    for kind in base.__subclasses__():
        found += [kind, *all_facts(kind)]
    return found
