"""Only one package writes authority (rule E12); who else writes may not even name its tables."""

import re
from pathlib import Path

SOURCE = Path(__file__).parents[2] / "src" / "switchroom" / "store"
TABLES = (
    "roles",
    "role_statements",
    "bindings",
    "restrictions",
    "plan_statements",
    "memberships",
    "authority_epochs",
)
NAMED = re.compile(
    rf'tables\["({"|".join(TABLES)})"\]|import .*\b(Role|RoleStatement|Binding|Restriction|'
    r"PlanStatement|Membership|AuthorityEpoch)Row\b"
)
WRITES = re.compile(r"\b(insert|update|delete|upsert|insert_or|insert_rows|upsert_rows)\(")
WRITERS = {
    "epochs.py": "raises epochs for the writer, and for accounts when a password changes",
}
"Modules beside the writer that name these tables and write, each with its reason."


def other_writers(source: Path) -> list[str]:
    """Modules outside of the writer that name a table of authority and write anything."""
    found = []
    for path in sorted(source.rglob("*.py")):
        inner = path.relative_to(source)
        if inner.parts[0] in {"authority_writer", "migrations", "tables"}:
            continue
        text = path.read_text("utf-8")
        if NAMED.search(text) and WRITES.search(text) and str(inner) not in WRITERS:
            found.append(str(inner))
    return found


def test_one_package_writes_authority() -> None:
    assert other_writers(SOURCE) == []


def test_another_writer_is_found(tmp_path: Path) -> None:
    (tmp_path / "reader.py").write_text('x = metadata.tables["bindings"]\nselect(x)\n')
    (tmp_path / "elsewhere.py").write_text("insert(something)\n")
    (tmp_path / "writer.py").write_text('x = metadata.tables["bindings"]\ninsert(x)\n')
    (tmp_path / "by_class.py").write_text("from a import RoleRow\ndelete(RoleRow)\n")
    assert other_writers(tmp_path) == ["by_class.py", "writer.py"]
