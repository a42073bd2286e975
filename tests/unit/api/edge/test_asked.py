"""Nothing in a request is ignored without a word."""

from collections.abc import Iterator
from typing import Any

import pytest

from fakes.two_customers import TwoCustomers, two_customers

FORM = "application/x-www-form-urlencoded"


@pytest.fixture(scope="module")
def world() -> Iterator[TwoCustomers]:
    with two_customers() as made:
        yield made


def ask(world: TwoCustomers, method: str, path: str, **options: Any) -> Any:
    return world.world.ask("acme-owner", method, path, **options)


@pytest.mark.parametrize("content_type", [FORM, "text/plain", "application/xml", "json"])
def test_a_body_that_does_not_say_that_it_is_json(world: TwoCustomers, content_type: str) -> None:
    headers = {"Content-Type": content_type}
    answer = ask(world, "POST", "/v1/tags", content=b'{"name": "x"}', headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (415, "unsupported_media_type")
    assert content_type in answer.json()["detail"]
    assert "send Content-Type: application/json" in answer.json()["detail"]


def test_a_body_that_says_nothing(world: TwoCustomers) -> None:
    answer = ask(world, "POST", "/v1/tags", content=b'{"name": "x"}')
    assert answer.status_code == 415


@pytest.mark.parametrize("content_type", ["application/json", "Application/JSON; charset=utf-8"])
def test_a_body_that_does(world: TwoCustomers, content_type: str) -> None:
    headers = {"Content-Type": content_type}
    answer = ask(world, "POST", "/v1/tags", content=b'{"name": "x"}', headers=headers)
    assert answer.status_code == 201
    world.put_back()


def test_415_is_in_the_schema_where_a_body_is_taken(world: TwoCustomers) -> None:
    for path, operations in world.world.app.openapi()["paths"].items():
        for method, operation in operations.items():
            taken = "requestBody" in operation
            assert taken == ("415" in operation["responses"]), (method, path)


@pytest.mark.parametrize("noun", ["agents", "calls", "audit", "events"])
def test_an_unknown_parameter_is_named_with_those_that_there_are(
    world: TwoCustomers, noun: str
) -> None:
    answer = ask(world, "GET", f"/v1/{noun}?limti=1&frobnicate=1")
    assert answer.status_code == 422
    first, second = answer.json()["errors"]
    assert (first["field"], second["field"]) == ("limti", "frobnicate")
    assert first["text"].startswith('there is no such parameter (did you mean "limit"?); there are')
    assert "cursor" in second["text"]


def test_where_there_are_none(world: TwoCustomers) -> None:
    for method, path in (("GET", "/v1/auth/me"), ("GET", "/v1/agents/acme-mate")):
        answer = ask(world, method, f"{path}?x=1")
        assert answer.status_code == 422
        assert "takes none" in answer.json()["errors"][0]["text"]


@pytest.mark.parametrize("path", ["/healthz", "/metrics", "/docs", "/v1/openapi.json"])
def test_pages_for_everybody_take_what_probes_and_caches_add(
    world: TwoCustomers, path: str
) -> None:
    assert world.world.client.request("GET", f"{path}?t=1").status_code == 200


def test_strangers_learn_nothing_of_it(world: TwoCustomers) -> None:
    answer = world.world.client.request("GET", "/v1/agents?frobnicate=1")
    assert answer.status_code == 401


@pytest.mark.parametrize(
    ("body", "name"),
    [
        ('{"name": "x", "text": "y", "name": "z"}', "name"),
        ('{"statements": [{"pattern": "a:b", "pattern": "c:d"}]}', "pattern"),
        ('{"na\\u006de": "x", "name": "z"}', "name"),
        ('{"\\ud800": 1, "\\ud800": 2}', "?"),
    ],
)
def test_a_name_that_is_given_twice(world: TwoCustomers, body: str, name: str) -> None:
    headers = {"Content-Type": "application/json"}
    answer = ask(world, "POST", "/v1/roles", content=body.encode(), headers=headers)
    assert answer.status_code == 422
    assert answer.json()["errors"] == [
        {"field": name, "text": "is given twice in one object: say it once"}
    ]
