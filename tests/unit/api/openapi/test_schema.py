"""The schema, as generators of clients read it."""

import json
import re
from collections import Counter
from typing import Any

import pytest

from fakes.quiet_web import quiet_web


@pytest.fixture(scope="module")
def schema() -> dict[str, Any]:
    return quiet_web().openapi()


def operations(schema: dict[str, Any]) -> list[dict[str, Any]]:
    return [one for methods in schema["paths"].values() for one in methods.values()]


def test_each_operation_has_a_plain_name_of_its_own(schema: dict[str, Any]) -> None:
    names = Counter(one["operationId"] for one in operations(schema))
    assert [name for name, times in names.items() if times > 1] == []
    assert [name for name in names if not re.fullmatch(r"[a-z]+(_[a-z]+)*", name)] == []
    assert {"list_agents", "get_agent", "update_agent", "list_accesskeys"} <= names.keys()


def test_each_form_has_a_plain_name(schema: dict[str, Any]) -> None:
    names = schema["components"]["schemas"].keys()
    assert [name for name in names if not re.fullmatch(r"[A-Z][A-Za-z]+", name)] == []
    assert {"AgentList", "AgentPassword", "TrunkPassword"} <= names
    references = set(re.findall(r"#/components/schemas/([^\"]+)", json.dumps(schema)))
    assert references <= names


def test_it_says_where_the_api_is(schema: dict[str, Any]) -> None:
    assert schema["servers"] == [{"url": "/"}]


def test_a_log_in_may_be_refused(schema: dict[str, Any]) -> None:
    answers = schema["paths"]["/v1/auth/login"]["post"]["responses"]
    assert {"401", "403", "415", "422", "429"} <= answers.keys()
