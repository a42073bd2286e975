"""Who is listened to, who is not, and for how long."""

import pytest
from msgspec.structs import replace

from switchroom.sip.defence import LIMIT_REFUSALS, Ban, Defence, DefenceSettings

PHONE = "192.0.2.10"
ATTACKER = "198.51.100.66"
UTC = 1_700_000_000.0


def make(**changes: float) -> Defence:
    few = DefenceSettings(rate_per_s=10, trusted_rate_per_s=100, burst_s=2, limit_sources=1000)
    return Defence(replace(few, **changes), UTC)


def passed(defence: Defence, source: str, count: int, now: float) -> int:
    return sum(defence.allows(source, now) for _ in range(count))


def get_banned(defence: Defence, source: str, now: float) -> Ban:
    for _ in range(100):
        ban = defence.failed(source, "wrong_password", now)
        if ban is not None:
            return ban
    raise AssertionError("never banned")


def test_a_burst_passes_and_then_only_the_rate() -> None:
    defence = make()
    assert passed(defence, PHONE, 100, now=50.0) == 20
    assert passed(defence, PHONE, 100, now=51.0) == 10
    assert passed(defence, PHONE, 100, now=99.0) == pytest.approx(20, abs=1)


def test_a_steady_rate_is_never_limited() -> None:
    defence = make()
    assert all(defence.allows(PHONE, 100.0 + n / 10) for n in range(1000))


def test_sources_do_not_share_their_rate() -> None:
    defence = make()
    passed(defence, ATTACKER, 1000, now=50.0)
    assert defence.allows(PHONE, 50.0)


def test_trunks_have_a_higher_rate_and_are_never_banned() -> None:
    defence = make()
    defence.trust(["192.0.2.0/24"])
    assert passed(defence, PHONE, 500, now=50.0) == pytest.approx(200, abs=1)
    for reason in ("wrong_password", "scanner"):
        assert all(defence.failed(PHONE, reason, 60.0) is None for _ in range(50))
    assert defence.allows(PHONE, 60.0)


def test_the_fifth_wrong_password_bans_and_the_ban_ends_by_itself() -> None:
    defence = make()
    assert [defence.failed(ATTACKER, "wrong_password", 100.0) for _ in range(4)] == [None] * 4
    assert defence.allows(ATTACKER, 100.0)
    ban = defence.failed(ATTACKER, "wrong_password", 100.0)
    assert ban == Ban(ATTACKER, 100.0, 160.0, "wrong_password", 1)
    assert not defence.allows(ATTACKER, 100.0)
    assert not defence.allows(ATTACKER, 159.9)
    assert defence.allows(ATTACKER, 160.1)
    assert defence.allows(PHONE, 100.0)


def test_bans_double_up_to_a_day_and_start_anew_after_a_quiet_day() -> None:
    defence = make()
    now, lengths = 100.0, []
    for _ in range(13):
        ban = get_banned(defence, ATTACKER, now)
        lengths.append(ban.until - ban.since)
        now = ban.until + 1
    assert lengths[:4] == [60, 120, 240, 480]
    assert lengths[-2:] == [86_400, 86_400]
    quiet = get_banned(defence, ATTACKER, now + 86_401)
    assert (quiet.count, quiet.until - quiet.since) == (1, 60)


def test_a_scanner_is_banned_at_once_and_unknown_users_count_as_failures() -> None:
    defence = make()
    assert defence.failed(ATTACKER, "scanner", 100.0) is not None
    results = [defence.failed("198.51.100.67", "unknown_user", 100.0) for _ in range(5)]
    assert [ban is not None for ban in results] == [False] * 4 + [True]


def test_a_right_password_clears_the_failures_before_it() -> None:
    defence = make()
    for _ in range(4):
        defence.failed(PHONE, "wrong_password", 100.0)
    defence.succeeded(PHONE, 100.0)
    assert defence.failed(PHONE, "wrong_password", 100.0) is None


def test_old_failures_are_forgotten() -> None:
    defence = make()
    for n in range(20):
        assert defence.failed(PHONE, "wrong_password", 100.0 + 700 * n) is None


def test_one_wrong_phone_does_not_ban_its_office_soon_but_an_attack_from_there_does() -> None:
    defence = make()
    defence.succeeded(PHONE, 100.0)
    results = [defence.failed(PHONE, "wrong_password", 101.0) for _ in range(50)]
    assert [ban is not None for ban in results] == [False] * 49 + [True]


def test_nobody_gets_a_proven_address_banned_by_forging_it() -> None:
    defence = make()
    defence.succeeded(PHONE, 100.0)
    for n in range(200):
        assert defence.failed(PHONE, "scanner", 100.0 + n) is None
        assert defence.failed(PHONE, "unknown_user", 100.0 + n) is None
    assert defence.failed(PHONE, "scanner", 100.0 + 3601) is not None, "proof grows old"


def test_a_flood_of_invented_addresses_frees_no_banned_one_and_forgets_no_proven_one() -> None:
    defence = make(limit_sources=100)
    get_banned(defence, ATTACKER, 100.0)
    defence.succeeded(PHONE, 100.0)
    for n in range(5000):
        defence.allows(f"203.0.{n // 250}.{n % 250}", 100.0)
    assert not defence.allows(ATTACKER, 101.0)
    assert defence.failed(PHONE, "scanner", 101.0) is None


def test_every_table_is_bounded() -> None:
    defence = make(limit_sources=100)
    for n in range(3000):
        source = f"203.0.{n // 250}.{n % 250}"
        defence.allows(source, 100.0)
        defence.failed(source, "unknown_user", 100.0)
        defence.failed(source, "scanner", 100.0)
        defence.succeeded(source, 100.0)
    sizes = [len(table) for table in vars(defence).values() if isinstance(table, dict)]
    assert len(sizes) == 5
    assert max(sizes) <= 100
    assert len(defence.refusals) == LIMIT_REFUSALS


def test_lifting_a_ban_forgets_it_wholly() -> None:
    defence = make()
    get_banned(defence, ATTACKER, 100.0)
    assert [ban.source for ban in defence.bans(100.0)] == [ATTACKER]
    assert defence.lift(ATTACKER)
    assert not defence.lift(ATTACKER)
    assert defence.allows(ATTACKER, 100.0)
    assert get_banned(defence, ATTACKER, 100.0).count == 1


def test_trusting_a_network_lifts_its_bans_and_distrusting_takes_its_rate() -> None:
    defence = make()
    get_banned(defence, ATTACKER, 100.0)
    get_banned(defence, PHONE, 100.0)
    defence.trust(["198.51.100.0/24"])
    assert [ban.source for ban in defence.bans(100.0)] == [PHONE]
    assert defence.allows(ATTACKER, 100.0)
    assert not defence.allows(PHONE, 100.0)
    defence.trust([])
    assert passed(defence, ATTACKER, 100, now=200.0) == pytest.approx(20, abs=1)


def test_a_wrong_network_changes_nothing() -> None:
    defence = make()
    defence.trust(["192.0.2.0/24"])
    with pytest.raises(ValueError, match="Expected 4 octets"):
        defence.trust(["10.0.0.0/8", "nonsense"])
    assert passed(defence, PHONE, 500, now=50.0) == pytest.approx(200, abs=1)


def test_the_status_lists_bans_in_force_only() -> None:
    defence = make()
    get_banned(defence, ATTACKER, 100.0)
    assert defence.bans(161.0) == []


def test_refusals_tell_when_who_what_and_why_without_repeating_a_flood() -> None:
    defence = make()
    passed(defence, PHONE, 500, now=50.0)
    [flood] = defence.refusals
    assert (flood.at, flood.source, flood.reason) == (UTC + 50, PHONE, "too many per second")
    get_banned(defence, ATTACKER, 100.0)
    passed(defence, ATTACKER, 500, now=101.0)
    assert [refusal.reason for refusal in defence.refusals][1:] == ["banned for 60 s"]
    defence.refused(PHONE, "INVITE +12025550100", "404 unknown number", 102.0)
    assert defence.refusals[-1].what == "INVITE +12025550100"


def test_names_that_are_no_addresses_do_no_harm() -> None:
    defence = make()
    defence.trust(["192.0.2.0/24"])
    assert defence.allows("not an address", 1.0)
    assert defence.failed("::1", "scanner", 1.0) is not None
