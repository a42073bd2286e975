"""The verdict names every broken promise."""

import io

from rich.console import Console

from switchroom.app.demo.promises import Promise
from switchroom.cli.demo_words import verdict


def said(promises: list[Promise]) -> str:
    out = Console(file=io.StringIO(), width=100)
    verdict(out, promises)
    assert isinstance(out.file, io.StringIO)
    return out.file.getvalue()


def test_all_kept() -> None:
    assert "All 2 promises were kept" in said([Promise("one"), Promise("two", ms=1.0)])


def test_a_broken_one_is_named_with_what_was_seen() -> None:
    text = said([Promise("one"), Promise("exactly one stays connected", "two did")])
    assert "1 of 2 promises broken" in text
    assert "exactly one stays connected: two did" in text
