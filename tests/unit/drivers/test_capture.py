"""The capture keeps the latest messages, finds a call's, and holds no credentials."""

import os
from pathlib import Path

import pytest

from switchroom.drivers.capture import Capture
from switchroom.drivers.capture_format import capture_numbers, capture_path, masked
from switchroom.drivers.capture_reader import messages_of

PHONE = ("udp", "203.0.113.9", 5060)


def message(
    call_id: str, *, media: str = "", start: str = "INVITE sip:1001@acme.example SIP/2.0"
) -> bytes:
    body = f"v=0\r\no=- 1 1 IN IP4 {media}\r\nc=IN IP4 {media}\r\n" if media else ""
    kind = "Content-Type: application/sdp\r\n" if media else ""
    return f"{start}\r\nCall-ID: {call_id}\r\nCSeq: 1 INVITE\r\n{kind}\r\n{body}".encode()


def test_messages_of_a_call_are_found_by_their_call_ids(tmp_path: Path) -> None:
    capture = Capture(tmp_path)
    capture.add(1000.25, "in", PHONE, message("a@x"))
    capture.add(1000.5, "out", ("tcp", "192.0.2.7", 5090), message("b@x"))
    capture.add(1000.75, "in", PHONE, message("other@x"))
    capture.close()

    found = messages_of(tmp_path, ["a@x", "b@x"])

    assert [(m.at, m.is_incoming, m.peer) for m in found] == [
        (1000.25, True, "udp:203.0.113.9:5060"),
        (1000.5, False, "tcp:192.0.2.7:5090"),
    ]
    assert found[0].content == message("a@x")


def test_compact_call_id_is_found(tmp_path: Path) -> None:
    capture = Capture(tmp_path)
    capture.add(1.0, "in", PHONE, b"OPTIONS sip:x SIP/2.0\r\ni : a@x\r\n\r\n")
    capture.close()

    assert len(messages_of(tmp_path, ["a@x"])) == 1


@pytest.mark.parametrize(
    ("start", "summary"),
    [
        ("INVITE sip:1001@acme.example SIP/2.0", "INVITE"),
        ("SIP/2.0 180 Ringing", "180 Ringing"),
        ("SIP/2.0 200 OK", "200 OK (INVITE)"),
        ("", ""),
    ],
)
def test_summary_is_what_an_engineer_calls_the_message(
    tmp_path: Path, start: str, summary: str
) -> None:
    capture = Capture(tmp_path)
    capture.add(1.0, "in", PHONE, message("a@x", start=start))
    capture.close()

    assert messages_of(tmp_path, ["a@x"])[0].summary == summary


def test_media_at_another_address_than_the_packets_is_noticed(tmp_path: Path) -> None:
    capture = Capture(tmp_path)
    capture.add(1.0, "in", PHONE, message("nat@x", media="192.168.1.5"))
    capture.add(2.0, "in", PHONE, message("fine@x", media="203.0.113.9"))
    capture.add(3.0, "in", PHONE, message("hold@x", media="0.0.0.0"))
    capture.add(4.0, "out", PHONE, message("ours@x", media="198.51.100.1"))
    capture.close()

    found = messages_of(tmp_path, ["nat@x", "fine@x", "hold@x", "ours@x"])

    assert [m.call_id for m in found if m.media_elsewhere] == ["nat@x"]
    assert found[0].summary == "INVITE + SDP"


@pytest.mark.parametrize(
    "line",
    [
        b'Authorization: Digest username="1001", response="5ec7e7", uri="sip:x"',
        b'PROXY-AUTHORIZATION : Digest response = "5ec7e7"',
        b'authorization: digest username="x",\r\n response="5ec7e7"',
        b'Authorization: Digest response=5ec7e7, username="x"',
        b'Authorization: Digest response="\\"5ec7e7"',
        b'Authorization: Digest response="5ec7e7',
        b"Authorization: Basic 5ec7e7==",
        b"Proxy-Authorization: Bearer 5ec7e7",
        b'Authentication-Info: rspauth="5ec7e7"',
        b"\r\n\r\na=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:5ec7e7|2^20",
    ],
)
def test_credentials_never_reach_the_disk(tmp_path: Path, line: bytes) -> None:
    capture = Capture(tmp_path)
    capture.add(
        1.0, "in", PHONE, b"REGISTER sip:x SIP/2.0\r\nCall-ID: a@x\r\n" + line + b"\r\n\r\n"
    )
    capture.add(2.0, "in", PHONE, message("b@x"))
    capture.close()

    assert b"5ec7e7" not in capture_path(tmp_path, 1).read_bytes()
    assert len(messages_of(tmp_path, ["a@x", "b@x"])) == 2


def test_what_is_no_credential_stays_readable() -> None:
    challenge = b'Authorization: Digest username="1001", nonce="n0", response="x", uri="sip:y"\r\n'

    assert masked(challenge) == (
        b'Authorization: Digest username="1001", nonce="n0", response="***", uri="sip:y"\r\n'
    )
    assert masked(message("a@x")) == message("a@x")


def test_capture_rotates_and_keeps_so_many_files(tmp_path: Path) -> None:
    capture = Capture(tmp_path, file_bytes=5000, files=2)
    for number in range(300):
        capture.add(float(number), "in", PHONE, message(f"{number}@x"))
        capture.flush()
    capture.close()

    assert len(capture_numbers(tmp_path)) == 2
    sizes = [capture_path(tmp_path, n).stat().st_size for n in capture_numbers(tmp_path)]
    assert max(sizes) <= 5000
    assert messages_of(tmp_path, ["299@x"])
    assert not messages_of(tmp_path, ["0@x"])


def test_capture_goes_on_after_a_restart(tmp_path: Path) -> None:
    for call_id in ("a@x", "b@x"):
        capture = Capture(tmp_path)
        capture.add(1.0, "in", PHONE, message(call_id))
        capture.close()

    assert capture_numbers(tmp_path) == [1]
    assert len(messages_of(tmp_path, ["a@x", "b@x"])) == 2


def test_message_torn_by_a_crash_hides_no_other(tmp_path: Path) -> None:
    capture = Capture(tmp_path)
    capture.add(1.0, "in", PHONE, message("a@x"))
    capture.close()
    path = capture_path(tmp_path, 1)
    os.truncate(path, path.stat().st_size - 20)
    capture = Capture(tmp_path)
    capture.add(2.0, "in", PHONE, message("b@x"))
    capture.close()

    assert [m.call_id for m in messages_of(tmp_path, ["a@x", "b@x"])] == ["b@x"]


def test_much_is_written_without_being_asked(tmp_path: Path) -> None:
    capture = Capture(tmp_path)
    for _ in range(40):
        capture.add(1.0, "in", PHONE, message("a@x") + b"x" * 2000)

    assert capture_path(tmp_path, 1).stat().st_size > 64_000
    capture.close()


def test_full_disk_costs_messages_and_nothing_else(tmp_path: Path) -> None:
    capture = Capture(tmp_path)
    full = os.open("/dev/full", os.O_WRONLY)
    os.dup2(full, capture._file)
    os.close(full)
    capture.add(1.0, "in", PHONE, message("a@x"))
    capture.flush()

    assert capture.dropped == 1
    capture.close()


def test_capture_is_private(tmp_path: Path) -> None:
    Capture(tmp_path).close()

    assert capture_path(tmp_path, 1).stat().st_mode & 0o777 == 0o600
