"""Delays grow, never lock, and are the same whatever order things happen in."""

from collections.abc import Mapping

from hypothesis import given
from hypothesis import strategies as st

from switchroom.identity.rules.delays import (
    ACCOUNT,
    FORGOTTEN_AFTER_S,
    KNOWN_FOR_S,
    LONGEST_DELAY_S,
    NETWORK,
    Admitted,
    Count,
    Wait,
    attempt,
    delay_after,
    prefixes_of,
    subjects_of,
    succeeded,
    taken_back,
)

ALICE = subjects_of("alice@acme.example", "192.0.2.7")


class Table:
    """Counts as the database has them."""

    def __init__(self) -> None:
        self.rows: dict[str, Count] = {}

    def try_at(self, now: float, source: str = "192.0.2.7") -> float:
        """Seconds to wait, 0 if the attempt was counted."""
        subjects = subjects_of("alice@acme.example", source)
        match attempt(self.rows, subjects, now):
            case Wait(seconds):
                assert seconds > 0
                return seconds
            case Admitted(counts):
                self.write(counts)
        return 0.0

    def write(self, counts: Mapping[str, Count | None]) -> None:
        for subject, count in counts.items():
            self.rows.pop(subject, None)
            if count is not None:
                self.rows[subject] = count


def test_delays_double_up_to_a_quarter_of_an_hour() -> None:
    assert [delay_after(n) for n in (0, 4, 5, 6, 13, 14, 15, 10_000)] == [
        0, 0, 2, 4, 512, 900, 900, 900,
    ]  # fmt: skip


def test_addresses_of_one_site_are_one() -> None:
    table = Table()
    for number in range(5):
        assert table.try_at(0.0, f"192.0.2.{number}") == 0

    assert table.try_at(0.0, "192.0.2.99") == 2
    assert table.try_at(0.0, "192.0.3.99") == 0
    assert subjects_of("a", "2001:db8::1") == subjects_of("a", "2001:db8::ffff:1")
    assert subjects_of("a", "2001:db8::1") != subjects_of("a", "2001:db8:0:1::1")
    assert subjects_of("a", "::ffff:192.0.2.1") == subjects_of("a", "192.0.2.9")
    assert subjects_of("a", "nonsense") == subjects_of("a", "")


def test_subjects_say_no_names_and_are_found_by_their_beginning() -> None:
    assert all("alice" not in subject for subject in ALICE.all())
    assert all(len(subject) < 80 for subject in ALICE.all())
    assert len(set(ALICE.all())) == 4
    pair, account = prefixes_of("alice@acme.example")
    assert ALICE.pair.startswith(pair)
    assert ALICE.account == account
    assert not subjects_of("bob", "192.0.2.7").pair.startswith(pair)


def test_a_name_cannot_pose_as_another_and_a_network() -> None:
    assert subjects_of("a:b", "192.0.2.7").pair != subjects_of("a", "b:192.0.2.7").pair


def test_what_is_a_day_old_is_forgotten() -> None:
    table = Table()
    for _ in range(5):
        table.try_at(0.0)

    assert table.try_at(FORGOTTEN_AFTER_S + 1) == 0
    assert table.rows[ALICE.pair].count == 1


def test_a_known_network_is_known_for_thirty_days() -> None:
    table = Table()
    table.write(succeeded({}, ALICE, 0.0))
    full = Count(50, KNOWN_FOR_S + ACCOUNT.interval_s * 50, KNOWN_FOR_S)
    table.rows[ALICE.account] = full

    assert table.try_at(KNOWN_FOR_S) == 0
    assert table.try_at(KNOWN_FOR_S + 1) > 0
    assert table.rows[ALICE.known].last_at == KNOWN_FOR_S - FORGOTTEN_AFTER_S


def test_what_is_taken_back_was_never_there() -> None:
    table = Table()
    for _ in range(100):
        assert table.try_at(5.0) == 0
        table.write(taken_back(table.rows, ALICE, 5.0))

    assert table.rows == {}


def test_a_clock_that_is_set_back_keeps_nobody_waiting_longer() -> None:
    table = Table()
    for _ in range(30):
        table.try_at(1e9)
    for number in range(200):
        table.try_at(1e9, f"203.0.{number}.1")

    assert table.try_at(0.0) <= LONGEST_DELAY_S
    assert table.try_at(0.0, "198.51.100.1") <= max(ACCOUNT.interval_s, NETWORK.interval_s)


@given(st.lists(st.tuples(st.floats(0, 300), st.booleans()), max_size=80))
def test_nobody_fails_oftener_than_said(steps: list[tuple[float, bool]]) -> None:
    table, now, tried = Table(), 0.0, list[float]()
    for pause, waits in steps:
        now += pause
        wait = table.try_at(now)
        if wait and waits:
            now += wait
            wait = table.try_at(now)
            assert wait == 0 or wait < 1e-6  # to wait as long as was said is enough
        if wait == 0:
            tried.append(now)
    # From one network: five are free, then 2 + 4 + … + 2ⁿ seconds lie between.
    for count in range(6, len(tried)):
        assert tried[count] - tried[count - 1] >= min(2.0 ** (count - 4), 900) - 1e-6
