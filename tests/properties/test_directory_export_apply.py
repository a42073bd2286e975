"""Whatever is configured: its export changes nothing, and a file alone decides what there is."""

from collections.abc import Iterator
from typing import Any

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fakes.configuration import Configured, configured
from switchroom.directory.model import Configuration
from switchroom.directory.validate import problems
from switchroom.store.apply.export import export
from switchroom.store.configuration import read_configuration
from switchroom.store.stored import Stored

File = dict[str, Any]
ENVIRON = {"PASSWORD": "one", "CARRIER": "two"}
MD5 = "0123456789abcdef" * 2

names = st.text(
    st.characters(exclude_categories=("C", "Z"), exclude_characters="@"), min_size=1, max_size=8
)
timeouts = st.integers(1, 600) | st.floats(1, 600)
dials = st.lists(st.sampled_from(["internal", "national", "international", "premium"]), unique=True)
methods = st.sampled_from(["ring_all", "linear"])
passwords = st.sampled_from(["env:PASSWORD", "clear", f"ha1:{MD5}", f"ha1:{MD5}:{MD5}{MD5}"])
details = st.fixed_dictionaries(
    {},
    optional={
        "enabled": st.booleans(),
        "delay_s": st.floats(0, 120),
        "timeout_s": timeouts,
        "caller_id": st.sampled_from(["caller", "company", "both"]),
    },
)


def some(things: list[str]) -> st.SearchStrategy[list[str]]:
    return st.lists(st.sampled_from(things), unique=True) if things else st.just([])


@st.composite
def customers(draw: st.DrawFn, index: int) -> File:
    """One customer; ``index`` keeps what is unique on the platform apart."""
    domain = f"c{index}.example"
    clients = draw(st.lists(names, max_size=2, unique=True))
    tags = draw(st.lists(names, max_size=3, unique=True))
    extensions = [f"1{n}" for n in range(draw(st.integers(0, 3)))]
    trunks = draw(st.lists(names, max_size=2, unique=True))
    groups = draw(st.lists(names, max_size=3, unique=True))
    agents = [f"a{n}@{domain}" for n in range(draw(st.integers(0, 3)))]
    targets = [("agent", one) for one in agents] + [("extension", one) for one in extensions]
    targets += [("group", one) for one in groups]
    return {
        "name": f"customer {index} {draw(names)}",
        "domain": domain,
        "country": draw(st.sampled_from(["US", "NO", "DE"])),
        "clients": [{"name": name} for name in clients],
        "tags": [{"name": name, "text": draw(st.just("") | names)} for name in tags],
        "extensions": [
            {"number": one, "password": draw(passwords), "dial": draw(dials)} for one in extensions
        ],
        "trunks": [draw(trunk(name)) for name in trunks],
        "routes": [
            {"prefix": prefix, "trunks": draw(st.permutations(trunks))[: draw(st.integers(1, 2))]}
            for prefix in draw(some(["+", "+1", "+4930"]))
            if trunks
        ],
        "agents": [
            draw(agent(one, n, extensions)) | {"tags": draw(some(tags))}
            for n, one in enumerate(agents)
        ],
        "groups": [
            {
                "name": name,
                # Only groups further down, so that there is no loop.
                "members": draw(some([*agents, *groups[position + 1 :]])),
                "number": draw(st.sampled_from(["", f"3{position}"])),
                "ring_method": draw(methods),
                "ring_timeout_s": draw(timeouts),
                "tags": draw(some(tags)),
            }
            for position, name in enumerate(groups)
        ],
        "numbers": [
            draw(number(f"+1202555{index}{n:03}", clients, targets))
            for n in range(draw(st.integers(0, 2)))
            if targets
        ],
    }


@st.composite
def trunk(draw: st.DrawFn, name: str) -> File:
    login = {"username": draw(names), "password": "env:CARRIER"}
    return {
        "name": name,
        "hosts": draw(
            st.lists(
                st.sampled_from(["a.example", "192.0.2.1:5070", "sip:b:5060;transport=tcp"]),
                min_size=1,
                max_size=3,
            )
        ),
        "allow_from": draw(st.sampled_from([[], ["192.0.2.0/24"], ["192.0.2.0/24", "10.0.0.1"]])),
        "number_format": draw(st.sampled_from(["e164", "national", "without_plus"])),
        **draw(st.sampled_from([{}, {"caller_id": "+12025550199"}, login])),
    }


@st.composite
def agent(draw: st.DrawFn, username: str, position: int, extensions: list[str]) -> File:
    mine = [{"type": "extension", "target": one} for one in extensions[position : position + 1]]
    addresses = [
        *mine,
        {"type": "tel", "target": f"+120255502{position:02}"},
        {"type": "sip", "target": f"sip:a{position}@192.0.2.9"},
    ]
    chosen = draw(st.permutations(addresses))[: draw(st.integers(0, 3))]
    return {
        "username": username,
        "name": draw(names),
        "number": draw(st.sampled_from(["", f"2{position}"])),
        "ring_method": draw(methods),
        "ring_timeout_s": draw(timeouts),
        "capacity": draw(st.integers(1, 100)),
        "follow_redirects": draw(st.booleans()),
        "addresses": [one | draw(details) for one in chosen],
    }


@st.composite
def number(draw: st.DrawFn, e164: str, clients: list[str], targets: list[tuple[str, str]]) -> File:
    choose = st.sampled_from([{kind: name} for kind, name in targets])
    made: File = {"number": e164, "to": dict(draw(choose))}
    if draw(st.booleans()) and clients:
        made["client"] = draw(st.sampled_from(clients))
    if draw(st.booleans()):
        made["no_answer"] = dict(draw(choose))
    return made


@st.composite
def files(draw: st.DrawFn) -> str:
    made = [draw(customers(index)) for index in range(draw(st.integers(0, 2)))]
    return str(yaml.safe_dump({"customers": made}, allow_unicode=draw(st.booleans())))


def stored(database: Configured) -> Stored:
    with database.engine.connect() as connection:
        return read_configuration(connection)


@pytest.fixture(scope="module")
def database() -> Iterator[Configured]:
    with configured() as made:
        yield made


@pytest.fixture(scope="module")
def fresh() -> Iterator[Configured]:
    with configured() as made:
        yield made


quickly = settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@quickly
@given(text=files())
def test_an_export_changes_nothing(database: Configured, text: str) -> None:
    # The database still has the example before: each one also checks an update from any other.
    result = database.apply(text, ENVIRON)
    assert result.faults == ()
    before = stored(database)

    again = database.apply(export(before), ENVIRON)

    assert again.lines() == ["nothing to change"]
    assert stored(database) == before
    assert problems(database.load(ENVIRON).configuration) == []


@quickly
@given(first=files(), second=files())
def test_what_was_there_before_leaves_no_trace(
    database: Configured, fresh: Configured, first: str, second: str
) -> None:
    assert database.apply(first, ENVIRON).faults == ()
    assert database.apply(second, ENVIRON).faults == ()
    fresh.apply("customers: []", ENVIRON)
    assert stored(fresh).configuration == Configuration()
    assert fresh.apply(second, ENVIRON).faults == ()

    assert export(stored(database)) == export(stored(fresh))
