"""No open ends, no paths of a machine, links that lead somewhere, decisions that are complete."""

from pathlib import Path

from architecture.rules import HEADINGS, broken_links, decision_faults, loose_ends

ROOT = Path(__file__).parents[2]


def test_no_loose_ends() -> None:
    assert loose_ends(ROOT) == []


def test_links_in_documents_lead_somewhere() -> None:
    assert broken_links(ROOT) == []


def test_decisions_are_complete() -> None:
    assert decision_faults(ROOT / "docs" / "decisions") == []
    assert list((ROOT / "docs" / "decisions").glob("*.md"))


def test_loose_ends_are_found(tmp_path: Path) -> None:
    word = "TO" + "DO"
    (tmp_path / "a.py").write_text(f"# {word}: later\n# {word}(#12): known\nx = 'XX'\n")
    (tmp_path / "b.md").write_text("see " + "/home" + "/somebody/notes\n")
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "c.py").write_text(f"# {word}\n")
    assert loose_ends(tmp_path) == [
        "a.py:1: open end without (#issue)",
        "b.md:1: path of a machine",
    ]


def test_a_broken_link_is_found(tmp_path: Path) -> None:
    (tmp_path / "there.md").write_text("[web](https://example.com) [up](there.md#part)\n")
    (tmp_path / "here.md").write_text("[no](gone.md)\n```\n[in code](gone.md)\n```\n")
    assert broken_links(tmp_path) == ["here.md: gone.md"]


def test_an_incomplete_decision_is_found(tmp_path: Path) -> None:
    whole = "\n".join(HEADINGS)
    (tmp_path / "0001-whole.md").write_text(whole)
    (tmp_path / "0002-half.md").write_text(whole.replace("## Alternatives", ""))
    (tmp_path / "0002-twice.md").write_text(whole)
    (tmp_path / "notes.md").write_text(whole)
    assert [fault.partition(":")[0] for fault in decision_faults(tmp_path)] == [
        "0002-half.md",
        "0002-twice.md",
        "notes.md",
    ]
