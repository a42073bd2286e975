"""A ticket opens one socket, once, within half a minute."""

from concurrent.futures import ThreadPoolExecutor

from fakes.identity import ELSEWHERE, HOME, NOW, House
from switchroom.identity.model import Actor, AuthSettings, Refused
from switchroom.identity.tickets import Ticket


def issue(house: House, at: float = NOW) -> str:
    found = house.tickets.issue(house.actor(house.log_in(at=at).tokens.access, at), at)
    assert isinstance(found, Ticket)
    assert found.expires_at == at + 30
    return found.text


def spend(house: House, ticket: str, at: float = NOW, source: str = HOME) -> str:
    found = house.authenticator.spend_ticket(ticket, source, at)
    return "ok" if isinstance(found, Actor) else found.code


def test_it_stands_for_the_token_of_its_owner_once(house: House) -> None:
    ticket = issue(house)

    found = house.authenticator.spend_ticket(ticket, HOME, NOW)

    assert isinstance(found, Actor)
    assert (found.principal_id, found.token_kind) == ("alice", "session")
    assert spend(house, ticket) == "unknown"


def test_of_many_that_show_it_at_once_one_gets_in(house: House) -> None:
    ticket = issue(house)

    with ThreadPoolExecutor(4) as pool:
        said = list(pool.map(lambda _: spend(house, ticket), range(8)))

    assert sorted(said) == ["ok", *["unknown"] * 7]


def test_it_is_good_for_half_a_minute(house: House) -> None:
    assert spend(house, issue(house), NOW + 29.9) == "ok"
    late = issue(house)
    assert spend(house, late, NOW + 30) == "unknown"
    assert spend(house, late) == "unknown"


def test_it_is_worth_what_its_token_is_worth(house: House) -> None:
    ticket = issue(house)
    house.set("accounts", "alice", disabled_at=NOW)
    assert spend(house, ticket) == "disabled"

    house.set("accounts", "alice", disabled_at=None)
    ticket = issue(house)
    house.settings(AuthSettings(networks=("192.0.2.0/24",)))
    assert spend(house, ticket, source=ELSEWHERE) == "network"


def test_no_other_token_is_a_ticket_and_a_ticket_is_no_token(house: House) -> None:
    tokens = house.log_in().tokens

    assert spend(house, tokens.access) == "unknown"
    assert house.code_of(issue(house)) == "unknown"


def test_so_many_may_wait(house: House) -> None:
    actor = house.actor(house.log_in().tokens.access)
    said = [house.tickets.issue(actor, NOW) for _ in range(21)]

    assert isinstance(said[-1], Refused)
    assert said[-1].code == "wait"
    assert isinstance(house.tickets.issue(actor, NOW + 30), Ticket)
