"""Sessions are refreshed once per token, switched for an hour, and end at once."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import text

from fakes.identity import ELSEWHERE, HOME, NOW, House
from switchroom.app.catalog import catalog
from switchroom.identity.model import AuthSettings, Refused
from switchroom.identity.sessions import Refreshed, Switched
from switchroom.identity.tokens import write_token
from switchroom.permissions.check import holds
from switchroom.store.audit import AuditFilter, entries


def refreshed(house: House, token: str, at: float = NOW, source: str = HOME) -> Refreshed:
    found = house.sessions.refresh(token, source, at)
    assert isinstance(found, Refreshed), found
    return found


def refused(house: House, token: str, at: float = NOW, source: str = HOME) -> str:
    found = house.sessions.refresh(token, source, at)
    assert isinstance(found, Refused)
    return found.code


def test_a_refresh_token_gives_new_tokens_and_the_old_are_worth_nothing(house: House) -> None:
    first = house.log_in(is_cookie=True).tokens

    second = refreshed(house, first.refresh, NOW + 800).tokens

    assert len({first.access, first.refresh, second.access, second.refresh, second.csrf}) == 5
    assert house.code_of(first.access, NOW + 801) == "unknown"
    assert house.code_of(second.access, NOW + 801) == "ok"
    assert second.access_until == NOW + 800 + 900
    assert second.ends_at == first.ends_at


def test_an_access_token_that_is_used_lives_on_and_an_idle_one_ends(house: House) -> None:
    token = house.log_in().tokens.access

    for minute in range(0, 60, 10):
        assert house.code_of(token, NOW + 60 * minute) == "ok"
    assert house.code_of(token, NOW + 60 * 50 + 899) == "ok"
    assert house.code_of(token, NOW + 60 * 50 + 899 + 900) == "expired"


def test_a_session_ends_after_a_shift_however_busy(house: House) -> None:
    tokens = house.log_in().tokens
    at = NOW
    while at + 600 < tokens.ends_at:
        at += 600
        assert house.code_of(tokens.access, at) == "ok"

    assert house.code_of(tokens.access, tokens.ends_at) == "ended"
    assert refused(house, tokens.refresh, tokens.ends_at) == "ended"


def test_use_is_written_down_once_a_minute_at_most(house: House) -> None:
    token = house.log_in().tokens.access

    def last_used() -> float:
        with house.engine.connect() as connection:
            found = connection.execute(text("SELECT last_used_at FROM sessions")).scalar()
            assert found is not None
            return float(found)

    house.actor(token, NOW + 59)
    assert last_used() == NOW
    house.actor(token, NOW + 60)
    assert last_used() == NOW + 60


def test_a_used_refresh_token_ends_the_session_whoever_shows_it(house: House) -> None:
    stolen = house.log_in().tokens.refresh
    later = refreshed(house, refreshed(house, stolen).tokens.refresh).tokens

    assert refused(house, stolen, source=ELSEWHERE) == "ended"
    assert house.code_of(later.access) == "ended"
    assert refused(house, later.refresh) == "ended"
    (entry,) = entries(house.engine, AuditFilter(action="sessions:refresh"), limit=9)
    assert (entry.decision, entry.source, entry.actor_id) == ("refused", ELSEWHERE, "alice")


def test_of_two_that_refresh_at_once_at_most_one_goes_on(house: House) -> None:
    token = house.log_in().tokens.refresh

    with ThreadPoolExecutor(4) as pool:
        said = list(pool.map(lambda _: house.sessions.refresh(token, HOME, NOW), range(4)))

    assert sum(isinstance(one, Refreshed) for one in said) == 1
    # One of them may be a thief: nobody is in any more.
    winner = next(one for one in said if isinstance(one, Refreshed))
    assert house.code_of(winner.tokens.access) == "ended"


@pytest.mark.parametrize("form", ["session", "accesskey", "ticket", "csrf"])
def test_only_a_refresh_token_refreshes(house: House, form: str) -> None:
    tokens = house.log_in(is_cookie=True).tokens
    shown = {"session": tokens.access, "csrf": tokens.csrf}

    assert refused(house, shown.get(form, write_token(form, bytes(32)))) == "ended"  # type: ignore[arg-type]
    assert house.code_of(tokens.access) == "ok"


def test_a_disabled_account_is_refreshed_no_more(house: House) -> None:
    tokens = house.log_in().tokens
    house.set("accounts", "alice", disabled_at=NOW)

    assert refused(house, tokens.refresh) == "disabled"
    assert house.code_of(tokens.access) == "disabled"


def test_nor_from_another_network_than_the_customers(house: House) -> None:
    tokens = house.log_in().tokens
    house.settings(AuthSettings(networks=("192.0.2.0/24",)))

    assert refused(house, tokens.refresh, source=ELSEWHERE) == "network"
    assert refreshed(house, tokens.refresh)


def test_a_session_is_refreshed_so_often_and_no_more(house: House) -> None:
    found = house.log_in()
    with house.engine.begin() as connection:
        connection.execute(
            text("INSERT INTO used_refresh_tokens (hash, session_id) VALUES (:hash, :id)"),
            [{"hash": bytes([n // 256, n % 256]), "id": found.session.id} for n in range(1_000)],
        )

    assert refused(house, found.tokens.refresh) == "ended"
    assert house.code_of(found.tokens.access) == "ended"


def test_log_out_ends_this_session_only(house: House) -> None:
    first, second = house.log_in().tokens, house.log_in().tokens

    house.sessions.log_out(house.actor(first.access), NOW)

    assert house.code_of(first.access) == "ended"
    assert refused(house, first.refresh) == "ended"
    assert house.code_of(second.access) == "ok"


def test_an_administrator_ends_sessions_in_his_customer_only(house: House) -> None:
    house.hire("olga", "owner")
    house.people.member("alice", "zeta")
    here, there = house.log_in(), house.log_in(customer_id="zeta")
    olga = house.actor(house.log_in("olga").tokens.access)

    assert house.sessions.revoke([there.session.id, "nothing"], "", NOW, by=olga) == 0
    assert house.sessions.force_logout("alice", "shift is over", NOW, by=olga) == 1

    assert house.code_of(here.tokens.access) == "ended"
    assert house.code_of(there.tokens.access) == "ok"
    (entry,) = entries(house.engine, AuditFilter(action="sessions:revoke"), limit=9)
    assert (entry.actor_id, entry.target_id) == ("olga", here.session.id)


class TestSwitch:
    """Platform staff come into a customer for a while, and are seen there."""

    @pytest.fixture
    def staff(self, house: House) -> House:
        house.hire("sam", "platform_support", scope_kind="project")
        return house

    def test_they_see_what_project_scope_gives_for_an_hour(self, staff: House) -> None:
        sam = staff.actor(staff.log_in("sam").tokens.access)

        found = staff.sessions.switch(sam, "zeta", " ticket 17: \n no sound ", NOW)

        assert isinstance(found, Switched)
        there = staff.actor(found.tokens.access)
        assert (there.customer_id, there.switched_from) == ("zeta", "acme")
        assert holds(there.compiled, catalog().bit("calls:list"))
        assert not holds(there.compiled, catalog().bit("calls:hangup"))
        assert found.tokens.refresh == ""
        at = NOW
        while at < NOW + 3_000:
            at += 600
            assert staff.code_of(found.tokens.access, at) == "ok"
        assert staff.code_of(found.tokens.access, NOW + 3_600) == "ended"
        (entry,) = entries(staff.engine, AuditFilter(customer_id="zeta"), limit=9)
        assert (entry.action, entry.reason) == ("customers:switch", "ticket 17: no sound")

    @pytest.mark.parametrize(
        ("customer_id", "reason", "code"),
        [
            ("zeta", "", "invalid"),
            ("zeta", "  ", "invalid"),
            ("zeta", "x" * 501, "invalid"),
            ("zeta", "a\0b", "invalid"),
            ("acme", "because", "invalid"),
            ("nowhere", "because", "not_found"),
        ],
    )
    def test_not_without_a_reason_or_to_nowhere(
        self, staff: House, customer_id: str, reason: str, code: str
    ) -> None:
        sam = staff.actor(staff.log_in("sam").tokens.access)

        found = staff.sessions.switch(sam, customer_id, reason, NOW)

        assert isinstance(found, Refused)
        assert found.code == code

    def test_not_from_there_to_the_next(self, staff: House) -> None:
        staff.people.customer("omega")
        sam = staff.actor(staff.log_in("sam").tokens.access)
        found = staff.sessions.switch(sam, "zeta", "because", NOW)
        assert isinstance(found, Switched)

        again = staff.sessions.switch(staff.actor(found.tokens.access), "omega", "on", NOW)

        assert isinstance(again, Refused)

    def test_who_is_paused_at_home_is_out_everywhere(self, staff: House) -> None:
        sam = staff.actor(staff.log_in("sam").tokens.access)
        found = staff.sessions.switch(sam, "zeta", "because", NOW)
        assert isinstance(found, Switched)

        staff.set("memberships", "sam", disabled_at=NOW)

        assert staff.code_of(found.tokens.access) == "disabled"

    def test_what_is_taken_at_home_is_gone_there_at_once(self, staff: House) -> None:
        sam = staff.actor(staff.log_in("sam").tokens.access)
        found = staff.sessions.switch(sam, "zeta", "because", NOW)
        assert isinstance(found, Switched)
        assert staff.actor(found.tokens.access).compiled.held

        with staff.engine.begin() as connection:
            connection.execute(text("DELETE FROM bindings WHERE principal_id = 'sam'"))
        staff.people.add("authority_epochs", subject="customer:acme", epoch=1)

        assert not staff.actor(found.tokens.access).compiled.held
