"""The documentation page: the schema as one plain page, made here, with nothing from elsewhere."""

import re
from collections.abc import Mapping
from html import escape
from typing import Any

_STYLE = """
body{font:15px/1.5 system-ui,sans-serif;margin:0;color:#1b2430;background:#fff;display:flex}
nav{position:sticky;top:0;height:100vh;overflow:auto;width:15rem;flex:none;background:#f4f6f8;
padding:1rem;box-sizing:border-box}
nav a{display:block;color:inherit;text-decoration:none;padding:2px}
main{padding:1rem 2rem;max-width:60rem;min-width:0}h1{font-size:1.6rem}
h2{margin-top:3rem;border-bottom:1px solid #d5dbe1}
details{margin:.4rem 0;border:1px solid #d5dbe1;border-radius:6px}
summary{cursor:pointer;padding:.5rem .7rem}details>div{padding:.2rem 1rem 1rem}
code{background:#f4f6f8;padding:1px 4px;border-radius:3px}
b.m{display:inline-block;width:4.2rem;font-family:monospace}
table{border-collapse:collapse;width:100%}
td,th{text-align:left;padding:.25rem .6rem .25rem 0;border-bottom:1px solid #eceff2;
vertical-align:top}
.p{float:right;color:#5b6875;font-family:monospace}
@media(prefers-color-scheme:dark){body{background:#14181d;color:#d9e0e7}
nav,code{background:#1e242b}details,h2,td,th{border-color:#323b45}}
@media(max-width:50rem){body{display:block}nav{position:static;height:auto;width:auto}}
"""
POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; frame-ancestors 'none'"
"Content-Security-Policy of the page: it loads nothing at all."

_CODE = re.compile(r"`([^`]+)`")
_ORDER = {"get": 0, "post": 1, "put": 2, "patch": 3, "delete": 4}


def page(schema: Mapping[str, Any]) -> str:
    """The page as HTML; works without scripts."""
    chapters: dict[str, list[tuple[str, str, dict[str, Any]]]] = {}
    for path, operations in schema["paths"].items():
        for method in sorted(_ORDER.keys() & operations.keys(), key=_ORDER.__getitem__):
            operation = operations[method]
            chapter = (operation.get("tags") or ["other"])[0]
            chapters.setdefault(chapter, []).append((method, path, operation))
    names = sorted(chapters)
    links = "".join(f'<a href="#{escape(name)}">{escape(name)}</a>' for name in names)
    body = "".join(_chapter(schema, name, chapters[name]) for name in names)
    title = f"{escape(schema['info']['title'])} {escape(schema['info']['version'])}"
    return (
        f'<!doctype html><html lang="en"><meta charset="utf-8"><title>{title}: API</title>'
        f'<meta name="viewport" content="width=device-width"><style>{_STYLE}</style>'
        f"<nav><b>{title}</b>{links}</nav><main><h1>{title}: API</h1>"
        f"{_text(schema['info'].get('description', ''))}"
        f'<p>For programs: <a href="/v1/openapi.json">openapi.json</a>; of the socket of'
        f' events: <a href="/v1/asyncapi.json">asyncapi.json</a></p>{body}</main></html>'
    )


def _chapter(
    schema: Mapping[str, Any], name: str, operations: list[tuple[str, str, dict[str, Any]]]
) -> str:
    inside = "".join(_operation(schema, *one) for one in operations)
    return f'<h2 id="{escape(name)}">{escape(name)}</h2>{inside}'


def _operation(
    schema: Mapping[str, Any], method: str, path: str, operation: Mapping[str, Any]
) -> str:
    rows = [
        _row(one["name"], f"{one['in']}", _kind(one["schema"]), one.get("description", ""))
        for one in operation.get("parameters", [])
    ]
    rows += _fields(schema, operation.get("requestBody", {}), "body")
    answers = "".join(
        f"<tr><td>{status}</td><td>{_prose(answer['description'])}</td></tr>"
        for status, answer in sorted(operation["responses"].items())
    )
    wanted = f"<table>{''.join(rows)}</table>" if rows else ""
    fields = "".join(
        field
        for status, answer in operation["responses"].items()
        if status.startswith("2")
        for field in _fields(schema, answer, status)
    )
    return (
        f'<details><summary><span class="p">{escape(operation.get("x-permission", ""))}</span>'
        f'<b class="m">{method.upper()}</b> <code>{escape(path)}</code> '
        f"{_prose(operation.get('summary', ''))}</summary><div>"
        f"{_text(operation.get('description', ''))}{wanted}"
        f"<h4>Answers</h4><table>{answers}</table><table>{fields}</table></div></details>"
    )


def _fields(schema: Mapping[str, Any], holder: Mapping[str, Any], where: str) -> list[str]:
    content = holder.get("content", {}).get("application/json", {}).get("schema", {})
    model = _resolved(schema, content)
    return [
        _row(name, where, _kind(field), field.get("description", ""))
        for name, field in model.get("properties", {}).items()
    ]


def _resolved(schema: Mapping[str, Any], part: Mapping[str, Any]) -> Mapping[str, Any]:
    reference = part.get("$ref", "")
    if not reference:
        return part
    found: Mapping[str, Any] = schema["components"]["schemas"][reference.rsplit("/", 1)[-1]]
    return found


def _kind(field: Mapping[str, Any]) -> str:
    if "$ref" in field:
        return str(field["$ref"]).rsplit("/", 1)[-1]
    if "anyOf" in field:
        return " or ".join(_kind(one) for one in field["anyOf"])
    if "enum" in field:
        return " · ".join(map(str, field["enum"]))
    inner = f" of {_kind(field['items'])}" if "items" in field else ""
    return f"{field.get('type', 'anything')}{inner}"


def _row(name: str, where: str, kind: str, text: str) -> str:
    cells = (escape(where), escape(kind), _prose(text))
    return f"<tr><td><code>{escape(name)}</code></td><td>{'</td><td>'.join(cells)}</td></tr>"


def _text(text: str) -> str:
    return "".join(f"<p>{_prose(part)}</p>" for part in text.split("\n\n") if part)


def _prose(text: str) -> str:
    """What the schema has as Markdown: of that only names in backticks are used."""
    return _CODE.sub(r"<code>\1</code>", escape(text))
