"""The page for people: what the schema says, readable and harmless."""

import re

from fakes.quiet_web import quiet_web
from switchroom.api.openapi.page import page


def test_names_in_backticks_are_shown_as_code() -> None:
    shown = page(quiet_web().openapi())
    assert "`" not in shown
    assert "needs in <code>x-permission</code>" in shown


def test_both_descriptions_are_linked() -> None:
    shown = page(quiet_web().openapi())
    for name in ("openapi", "asyncapi"):
        assert f'<a href="/v1/{name}.json">' in shown


def test_nothing_is_fetched_from_elsewhere() -> None:
    shown = page(quiet_web().openapi())
    assert (
        re.findall(r"""(?:src|href|url|@import)\s*[=(]\s*["']?(?:https?:)?//[^"')\s]+""", shown)
        == []
    )


def test_texts_stay_texts() -> None:
    schema = {
        "info": {"title": "T", "version": "1", "description": "`<b>` & <i>"},
        "paths": {},
        "components": {},
    }
    assert "<code>&lt;b&gt;</code> &amp; &lt;i&gt;" in page(schema)
