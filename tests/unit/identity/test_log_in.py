"""Log-in: who gets in, and what somebody learns who tries."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from sqlalchemy import Engine, text

from fakes.identity import ELSEWHERE, HOME, NOW, PASSWORD, House, code
from fakes.statements import counted
from switchroom.drivers.passwords import Argon2Passwords
from switchroom.identity.log_in import LoggedIn, MfaNeeded
from switchroom.identity.model import AuthSettings, Refused
from switchroom.identity.ports import StorageError
from switchroom.identity.rules.totp import recovery_hash
from switchroom.store.audit import AuditFilter, entries


def fail(house: House, times: int, at: float = NOW, source: str = HOME, name: str = "alice") -> str:
    """Try a wrong password so often; what the last one was answered."""
    answer = ""
    for _ in range(times):
        found = house.try_log_in(name, at, password="wrong wrong wrong", source=source)
        assert isinstance(found, Refused)
        answer = found.code
    return answer


def test_name_and_password_give_a_session(house: House) -> None:
    found = house.log_in(user_agent="Browser")

    actor = house.actor(found.tokens.access)
    assert (actor.principal_id, actor.customer_id, actor.username) == (
        "alice",
        "acme",
        "alice@acme.example",
    )
    assert (actor.token_kind, actor.token_id, actor.mfa_at) == ("session", found.session.id, None)
    assert found.tokens.access_until == NOW + 900
    assert found.tokens.ends_at == NOW + 43_200
    assert found.tokens.csrf == ""
    (entry,) = entries(house.engine, AuditFilter(action="sessions:log_in"), limit=9)
    assert (entry.decision, entry.actor_id, entry.source) == ("done", "alice", HOME)


def test_the_name_is_read_as_people_type_it(house: House) -> None:
    assert house.log_in(username="  Alice@ACME.example ")


def test_of_tokens_only_hashes_are_stored(house: House) -> None:
    found = house.log_in(is_cookie=True)

    with house.engine.connect() as connection:
        stored = str(connection.execute(text("SELECT * FROM sessions")).all())
    for shown in (found.tokens.access, found.tokens.refresh, found.tokens.csrf):
        assert len(shown) == 69
        assert shown not in stored
        assert shown[5:] not in stored
    assert "sr_" not in repr(found)


UNKNOWN: dict[str, dict[str, Any]] = {
    "wrong password": {"password": "wrong wrong wrong"},
    "unknown account": {"username": "nobody@acme.example"},
    "agent without account": {"username": "bob@acme.example"},
    "account without password": {"username": "carol@acme.example"},
    "disabled account": {"username": "dave@acme.example"},
    "another customer's": {"username": "alice@zeta.example"},
    "empty": {"username": "", "password": ""},
    "NUL": {"username": "alice@acme.example\0"},
    "half a character": {"username": "alice\ud800@acme.example"},
    "NUL in the customer": {"password": "wrong wrong wrong", "customer_id": "acme\0"},
    "SQL": {"username": "' OR 1=1 --"},
}


@pytest.mark.parametrize("case", UNKNOWN)
def test_whoever_tries_learns_nothing_of_accounts(house: House, case: str) -> None:
    house.people.agent("bob")
    house.people.agent("carol")
    house.people.account("carol")
    house.hire("dave")
    house.set("accounts", "dave", disabled_at=5.0)
    expected = house.try_log_in(password="wrong wrong wrong", source=ELSEWHERE)
    house.hasher.verified = house.hasher.hashed = 0

    with counted(house.engine) as statements:
        found = house.try_log_in(**UNKNOWN[case])
    with counted(house.engine) as others:
        house.try_log_in(password="wrong wrong wrong")

    assert found == expected
    assert (house.hasher.verified, house.hasher.hashed) == (2, 0)
    assert len(statements) == len(others)


def test_a_real_hash_is_computed_for_nobody_too(engine: Engine) -> None:
    house = House(engine, Argon2Passwords())

    assert house.log_in()
    assert house.try_log_in(password="wrong wrong wrong").code == "wrong"
    assert house.try_log_in(username="nobody@acme.example").code == "wrong"


@pytest.mark.parametrize(
    "said",
    [
        {"password": "x" * 1025},
        {"password": "é" * 513},
        {"password": "x" * 50_000_000},
        {"password": "\ud800" * 12},
        {"username": "x" * 256},
    ],
)
def test_what_is_too_long_costs_nothing(house: House, said: dict[str, Any]) -> None:
    house.hasher.verified = 0

    with counted(house.engine) as statements:
        found = house.try_log_in(**said)

    assert found.code == "invalid"
    assert (house.hasher.verified, statements) == (0, [])


def test_when_too_many_log_in_the_next_is_told_to_come_back(house: House) -> None:
    house.hasher.is_full = True

    with counted(house.engine) as statements:
        found = house.try_log_in()

    assert (found.code, found.retry_after_s) == ("busy", 1.0)
    assert statements == []


def test_five_are_free_then_each_waits_longer(house: House) -> None:
    assert fail(house, 5) == "wrong"
    waits = []
    at = NOW
    for _ in range(12):
        refused = house.try_log_in(at=at, password="wrong wrong wrong")
        assert refused.code == "wait"
        waits.append(refused.retry_after_s)
        at += refused.retry_after_s
        assert fail(house, 1, at) == "wrong"

    assert waits == [2, 4, 8, 16, 32, 64, 128, 256, 512, 900, 900, 900]


def test_who_must_wait_is_not_let_in_with_the_right_password_either(house: House) -> None:
    fail(house, 5)
    house.hasher.verified = 0

    assert house.try_log_in().code == "wait"
    assert house.hasher.verified == 0
    assert house.log_in(at=NOW + 2)


def test_nobody_else_waits(house: House) -> None:
    house.hire("bob")
    fail(house, 40, source="192.0.2.8")

    assert house.log_in("bob", source="192.0.2.8")
    assert house.log_in(source=ELSEWHERE)


def test_a_botnet_cannot_lock_the_owner_out_of_where_he_works(house: House) -> None:
    house.log_in()
    bots = [f"203.0.{number}.1" for number in range(60)]
    tried = [fail(house, 1, NOW + 60, source) for source in bots]

    assert tried.count("wrong") == 50
    assert tried[50:] == ["wait"] * 10
    assert house.try_log_in(at=NOW + 61, source=ELSEWHERE).code == "wait"
    assert house.log_in(at=NOW + 61)
    assert house.log_in(at=NOW + 61 + 72, source=ELSEWHERE)


def test_an_account_takes_a_hundred_failures_an_hour_at_most(house: House) -> None:
    failures = 0
    for minute in range(60):
        for number in range(4):
            source = f"203.{number}.{minute}.1"
            found = house.try_log_in(at=NOW + 60 * minute, password="wrong!", source=source)
            failures += found.code == "wrong"

    assert failures <= 100


def test_a_list_of_stolen_passwords_is_slow_from_one_network(house: House) -> None:
    answers = [
        house.try_log_in(username=f"user{number}@acme.example", source=f"192.0.2.{number}").code
        for number in range(110)
    ]

    assert answers == ["wrong"] * 100 + ["wait"] * 10
    assert house.log_in(source=ELSEWHERE)


def test_a_thousand_guesses_at_once_are_not_all_the_first(house: House) -> None:
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: fail(house, 1), range(24)))

    assert answers.count("wrong") == 5
    assert answers.count("wait") == 19


def test_success_clears_the_account_here(house: House) -> None:
    fail(house, 4)
    house.log_in()

    assert fail(house, 5) == "wrong"


def test_an_unknown_name_waits_like_a_known_one(house: House) -> None:
    assert fail(house, 5, name="nobody") == "wrong"
    assert fail(house, 1, name="nobody") == "wait"


def test_an_administrator_lets_somebody_try_again(house: House) -> None:
    house.hire("olga", "owner")
    fail(house, 5)
    olga = house.actor(house.log_in("olga").tokens.access)

    assert house.desk.unlock(olga, "alice", NOW) is None
    assert house.log_in()
    refused = house.desk.unlock(olga, "nobody", NOW)
    assert refused is not None
    assert refused.code == "not_found"


def test_with_a_second_factor_the_password_alone_is_not_enough(house: House) -> None:
    house.enrol()

    assert house.try_log_in() == MfaNeeded()
    assert house.try_log_in(code="000000").code == "wrong"
    found = house.log_in(code=code())
    assert house.actor(found.tokens.access).mfa_at == NOW


def test_whether_there_is_a_second_factor_is_told_with_the_right_password_only(
    house: House,
) -> None:
    house.enrol()

    assert house.try_log_in(password="wrong wrong wrong", code=code()).code == "wrong"
    assert house.try_log_in(password="wrong wrong wrong").code == "wrong"


def test_a_code_is_taken_once(house: House) -> None:
    house.enrol()

    assert house.log_in(code=code())
    assert house.try_log_in(at=NOW + 1, code=code()).code == "wrong"
    assert house.try_log_in(at=NOW + 29, code=code(NOW - 30)).code == "wrong"
    assert house.log_in(at=NOW + 31, code=code(NOW + 30))


def test_of_two_that_show_one_code_at_once_one_gets_in(house: House) -> None:
    house.enrol()

    with ThreadPoolExecutor(2) as pool:
        answers = list(pool.map(lambda _: house.try_log_in(code=code()), range(2)))

    assert sum(isinstance(answer, LoggedIn) for answer in answers) == 1


def test_codes_are_guessed_as_slowly_as_passwords(house: House) -> None:
    house.enrol()
    answers = [house.try_log_in(code=f"{number:06}").code for number in range(7)]

    assert answers == ["wrong"] * 5 + ["wait"] * 2


def test_a_recovery_code_gets_in_once(house: House) -> None:
    house.enrol()
    house.set("accounts", "alice", recovery_hashes=[recovery_hash("ABCD-EFGH-IJKL-MNOP")])

    assert house.log_in(code="abcd efgh ijkl mnop")
    assert house.try_log_in(code="ABCD-EFGH-IJKL-MNOP").code == "wrong"


def test_a_customer_may_ask_for_a_second_factor(house: House) -> None:
    house.settings(AuthSettings(require_mfa=True))

    found = house.log_in()

    assert found.must_enrol
    actor = house.actor(found.tokens.access)
    assert actor.must_enrol
    assert actor.compiled.held == 0


def test_log_ins_are_taken_from_the_customers_networks_only(house: House) -> None:
    house.settings(AuthSettings(networks=("192.0.2.0/24",)))

    token = house.log_in().tokens.access
    assert house.try_log_in(source=ELSEWHERE).code == "network"
    assert house.code_of(token) == "ok"
    assert house.code_of(token, source=ELSEWHERE) == "network"


def test_a_guest_chooses_the_customer_he_serves(house: House) -> None:
    house.people.member("alice", "zeta")

    found = house.log_in(customer_id="zeta")

    assert house.actor(found.tokens.access).customer_id == "zeta"


@pytest.mark.parametrize("case", ["stranger", "paused", "missing"])
def test_nobody_chooses_a_customer_he_does_not_serve(house: House, case: str) -> None:
    if case == "paused":
        house.people.member("alice", "zeta", disabled_at=5.0)

    found = house.try_log_in(customer_id="nowhere" if case == "missing" else "zeta")

    assert found.code == "membership"


def test_so_many_sessions_and_the_oldest_ends(house: House) -> None:
    tokens = [house.log_in(at=NOW + number).tokens.access for number in range(21)]

    codes = [house.code_of(token, NOW + 30) for token in tokens]
    assert codes == ["ended"] + ["ok"] * 20


def test_an_old_hash_is_made_anew(house: House) -> None:
    house.set("accounts", "alice", password_hash=f"old:{PASSWORD}")

    house.log_in()

    with house.engine.connect() as connection:
        query = text("SELECT password_hash FROM accounts WHERE agent_id = 'alice'")
        assert connection.execute(query).scalar() == f"plain:{PASSWORD}"


def test_a_password_that_is_changed_meanwhile_lets_nobody_in(house: House) -> None:
    another = "plain:another one entirely"
    house.hasher.meanwhile = lambda: house.set("accounts", "alice", password_hash=another)

    assert house.try_log_in().code == "wrong"


def test_with_the_database_down_nobody_gets_in(house: House) -> None:
    with house.engine.begin() as connection:
        connection.execute(text("DROP TABLE log_in_failures"))

    with pytest.raises(StorageError):
        house.try_log_in()


def test_refusals_are_in_the_audit_log_without_the_password(house: House) -> None:
    fail(house, 1)
    fail(house, 1, name="nobody")

    found = entries(house.engine, AuditFilter(action="sessions:log_in"), limit=9)

    assert [(one.decision, one.actor_id, one.reason) for one in found] == [
        ("refused", "", "wrong"),
        ("refused", "alice", "wrong"),
    ]
    assert "nobody@acme.example" in found[0].after
    assert "wrong wrong" not in found[1].after
