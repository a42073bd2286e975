"""The journal keeps what was flushed, whatever happens to the process, the disk or the file."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import msgspec
import pytest

from fakes.call_facts import answered_call, created
from switchroom.drivers.journal import Journal, JournalFailed
from switchroom.drivers.journal_format import HEADER, segment_numbers, segment_path
from switchroom.drivers.journal_reader import PIECE, JournalReader
from switchroom.foundation.events import Fact
from switchroom.history.batch import Position
from switchroom.history.live import CallState

Begin = Callable[..., Journal]


@pytest.fixture
def failed() -> list[JournalFailed]:
    return []


@pytest.fixture
def begin(tmp_path: Path, failed: list[JournalFailed]) -> Iterator[Begin]:
    journals: list[Journal] = []

    def make(segment: int = 1, **limits: int) -> Journal:
        journal = Journal(tmp_path, segment=segment, on_failed=failed.append, **limits)
        journals.append(journal)
        return journal

    yield make
    for journal in journals:
        journal.close()


def lines(directory: Path, newest: int | None = None) -> tuple[list[bytes], int]:
    """All lines that can be read, and how many bytes were lost."""
    reader = JournalReader(directory, lambda: newest)
    found: list[bytes] = []
    lost, position = 0, Position()
    while (piece := reader.read(position)).position != position:
        found += [line for payload in piece.payloads for line in payload.splitlines()]
        lost += piece.lost
        position = piece.position
    return found, lost


def encoded(*facts: Fact) -> list[bytes]:
    return [msgspec.json.encode(fact) for fact in facts]


def flush(journal: Journal, *facts: Fact) -> None:
    for fact in facts:
        journal.add(fact)
    journal.flush()


def damage(path: Path, offset: int, replacement: bytes) -> None:
    with path.open("r+b") as file:
        file.seek(offset)
        file.write(replacement)


def test_nothing_is_written_before_the_flush(begin: Begin, tmp_path: Path) -> None:
    journal = begin()
    journal.add(created("c1"))

    assert lines(tmp_path) == ([], 0)
    journal.flush()
    assert lines(tmp_path) == (encoded(created("c1")), 0)


def test_flush_writes_a_whole_turn_with_one_write(
    begin: Begin, monkeypatch: pytest.MonkeyPatch
) -> None:
    journal = begin()
    writes: list[int] = []
    real = os.write

    def counted(file: int, piece: bytes) -> int:
        writes.append(len(piece))
        return real(file, piece)

    monkeypatch.setattr(os, "write", counted)
    flush(journal, *answered_call("c1"))
    journal.flush()

    assert len(writes) == 1


def test_snapshots_are_kept_as_they_are(begin: Begin, tmp_path: Path) -> None:
    state = CallState("c1", msgspec.Raw(b'{"a":1}'), {"leg": msgspec.Raw(b"[2]")})
    journal = begin()
    journal.add(state)
    journal.flush()

    found, _ = lines(tmp_path)
    assert msgspec.json.decode(found[0], type=CallState) == state


def test_journal_rotates_by_size_and_reads_as_one(begin: Begin, tmp_path: Path) -> None:
    journal = begin(segment_bytes=3000)
    facts = [fact for n in range(20) for fact in answered_call(f"c{n}")]
    for fact in facts:
        flush(journal, fact)

    assert len(segment_numbers(tmp_path)) > 5
    assert lines(tmp_path) == (encoded(*facts), 0)
    assert journal.position.segment == segment_numbers(tmp_path)[-1]


def test_segment_that_exists_is_never_written_again(begin: Begin) -> None:
    begin(7)
    with pytest.raises(FileExistsError):
        begin(7)


def test_journal_is_private(begin: Begin, tmp_path: Path) -> None:
    begin()

    assert segment_path(tmp_path, 1).stat().st_mode & 0o777 == 0o600


def test_torn_tail_is_cut_and_everything_before_it_is_there(begin: Begin, tmp_path: Path) -> None:
    journal = begin()
    flush(journal, created("c1"))
    end = journal.position.offset
    flush(journal, created("c2"))
    os.truncate(segment_path(tmp_path, 1), journal.position.offset - 5)

    assert lines(tmp_path) == (encoded(created("c1")), journal.position.offset - 5 - end)


def test_unfinished_frame_waits_while_somebody_still_writes(begin: Begin, tmp_path: Path) -> None:
    journal = begin()
    flush(journal, created("c1"))
    whole = segment_path(tmp_path, 1).read_bytes()
    segment_path(tmp_path, 1).write_bytes(whole[:-5])
    reader = JournalReader(tmp_path, lambda: 1)

    assert reader.read(Position(1, 0)).payloads == []
    segment_path(tmp_path, 1).write_bytes(whole)
    assert len(reader.read(Position(1, 0)).payloads) == 1


@pytest.mark.parametrize(
    ("offset", "replacement"),
    [
        pytest.param(HEADER.size + 10, b"\x00", id="payload"),
        pytest.param(0, b"????", id="mark"),
        pytest.param(4, b"\xff\xff\xff\xff", id="absurd length"),
        pytest.param(4, b"\x00\x00\x00\x01", id="too short a length"),
        pytest.param(4, b"\x00\x10\x00\x00", id="length beyond the end"),
        pytest.param(8, b"\x01\x02\x03\x04", id="checksum"),
    ],
)
def test_damaged_frame_is_skipped_and_the_rest_is_read(
    begin: Begin, tmp_path: Path, offset: int, replacement: bytes
) -> None:
    journal = begin()
    flush(journal, created("c1"))
    start = journal.position.offset
    flush(journal, created("c2"))
    size = journal.position.offset - start
    flush(journal, created("c3"))
    damage(segment_path(tmp_path, 1), start + offset, replacement)

    assert lines(tmp_path, newest=1) == (encoded(created("c1"), created("c3")), size)


def test_frame_larger_than_what_is_read_at_once_is_read_whole(begin: Begin, tmp_path: Path) -> None:
    journal = begin()
    count = 3 * PIECE // len(encoded(created("c1"))[0])
    flush(journal, *[created("c1")] * count)
    flush(journal, created("c2"))

    found, lost = lines(tmp_path)
    assert (len(found), lost) == (count + 1, 0)


def test_full_disk_is_told_once_and_calls_go_on(begin: Begin, failed: list[JournalFailed]) -> None:
    journal = begin_on_full_disk(begin)
    for _ in range(3):
        flush(journal, created("c1"))

    assert [failure.code for failure in failed] == ["ENOSPC"]
    assert journal.failure is failed[0]
    assert journal.failures == 3
    assert journal.dropped == 0


def begin_on_full_disk(begin: Begin, **limits: int) -> Journal:
    """A journal that began well and whose disk then became full."""
    journal = begin(2, **limits)
    full = os.open("/dev/full", os.O_WRONLY)
    os.dup2(full, journal._file)
    os.close(full)
    return journal


def test_what_waits_for_the_disk_is_bounded_and_counted(begin: Begin) -> None:
    journal = begin_on_full_disk(begin, waiting_bytes=10_000)
    for _ in range(1000):
        flush(journal, created("c1"))

    assert 900 < journal.dropped < 1000


def test_everything_that_waited_is_written_when_there_is_room_again(
    begin: Begin, tmp_path: Path
) -> None:
    journal = begin_on_full_disk(begin)
    flush(journal, created("c1"))
    flush(journal, created("c2"))
    assert journal.failure is not None
    room = os.open(segment_path(tmp_path, 2), os.O_WRONLY | os.O_APPEND)
    os.dup2(room, journal._file)
    os.close(room)
    flush(journal, created("c3"))

    assert journal.failure is None
    assert lines(tmp_path) == (encoded(created("c1"), created("c2"), created("c3")), 0)


def test_disk_that_takes_a_part_gets_the_rest_later(
    begin: Begin, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    journal = begin()
    real = os.write
    monkeypatch.setattr(os, "write", lambda fd, data: real(fd, data[:100]))
    flush(journal, created("c1"))
    assert lines(tmp_path, newest=1) == ([], 0)
    monkeypatch.undo()
    flush(journal, created("c2"))

    assert lines(tmp_path) == (encoded(created("c1"), created("c2")), 0)


def test_failing_sync_is_told(
    begin: Begin, failed: list[JournalFailed], monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(_file: int) -> None:
        raise OSError(5, "Input/output error")

    monkeypatch.setattr("switchroom.drivers.journal_sync.PERIOD_S", 0.01)
    monkeypatch.setattr(os, "fsync", refuse)
    journal = begin()
    flush(journal, created("c1"))
    for _ in range(500):
        journal._sync._stop.wait(0.01)
        journal.flush()
        if failed:
            break

    assert [failure.code for failure in failed] == ["EIO"]


def test_one_record_that_cannot_be_encoded_spoils_only_itself(begin: Begin, tmp_path: Path) -> None:
    journal = begin()
    bad = msgspec.structs.replace(created("c2"), caller="\ud800")
    flush(journal, created("c1"), bad, created("c3"))

    assert lines(tmp_path) == (encoded(created("c1"), created("c3")), 0)
    assert journal.unencodable == 1


def test_what_is_behind_a_position_is_counted_over_all_segments(
    begin: Begin, tmp_path: Path
) -> None:
    journal = begin(segment_bytes=2000)
    while journal.position.segment < 4:
        flush(journal, created("c1"))
    flush(journal, created("c1"))
    sizes = [segment_path(tmp_path, number).stat().st_size for number in range(1, 5)]

    assert journal.bytes_after(Position()) == sum(sizes)
    assert journal.bytes_after(Position(2, 10)) == sum(sizes[1:]) - 10
    assert journal.bytes_after(Position(4, 1)) == sizes[3] - 1
    assert journal.bytes_after(journal.position) == 0
    segment_path(tmp_path, 2).unlink()
    assert journal.bytes_after(Position(2, sizes[1])) <= sum(sizes[2:])
