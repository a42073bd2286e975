"""Whom a name means that somebody writes in a command."""

import pytest

from switchroom.directory.naming import NoSuchAgentError, agent_called, agents_called

USERNAMES = {
    "a1": "alice@acme.example",
    "a2": "alice@other.example",
    "b1": "ben@acme.example",
    "c1": "b1@acme.example",
}


@pytest.mark.parametrize(
    ("name", "id"),
    [("ben", "b1"), ("Ben@Acme.example", "b1"), ("a2", "a2"), ("alice@other.example", "a2")],
)
def test_an_agent_is_named_by_user_name_with_or_without_domain_or_by_id(name: str, id: str) -> None:
    assert agent_called(name, USERNAMES) == id


def test_an_id_comes_before_a_name_that_looks_like_it() -> None:
    assert agents_called("b1", USERNAMES) == ("b1",)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("nobody", "no agent is called 'nobody': give a user name"),
        ("", "no agent is called ''"),
        ("alice", "'alice' may be alice@acme.example or alice@other.example: give the whole"),
    ],
)
def test_a_name_of_nobody_or_of_several_is_refused_with_what_to_write(name: str, text: str) -> None:
    with pytest.raises(NoSuchAgentError) as refused:
        agent_called(name, USERNAMES)
    assert str(refused.value).startswith(text)
