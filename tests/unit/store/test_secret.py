"""Passwords and the places they come from."""

import os
from hashlib import md5, sha256
from pathlib import Path

import pytest

from switchroom.store.secret import Clear, Hashed, Unreadable, change_check, ha1, read_secret

MD5 = "0123456789abcdef" * 2
SHA256 = MD5 * 2


def test_an_environment_variable_is_read() -> None:
    assert read_secret("env:PIN", {"PIN": "1234"}) == Clear("1234", "env:PIN")


def test_a_file_is_read_without_its_last_line_break(tmp_path: Path) -> None:
    file = tmp_path / "pin"
    file.write_text("12 34\n")

    assert read_secret(f"file:{file}", {}) == Clear("12 34", f"file:{file}")


def test_hashes_are_taken_as_they_are() -> None:
    assert read_secret(f"ha1:{MD5}", {}) == Hashed(MD5)
    assert read_secret(f"HA1:{MD5.upper()}:{SHA256}", {}) == Hashed(MD5, SHA256)


def test_anything_else_is_the_password() -> None:
    assert read_secret("correct horse", {}) == Clear("correct horse")


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("env:MISSING", "the environment variable MISSING is not set"),
        ("env:EMPTY", "the environment variable EMPTY is empty"),
        ("env:", "after env: comes the name"),
        ("env:A B", "after env: comes the name"),
        ("file:relative", "after file: comes an absolute path"),
        ("file:/no/such/file", "cannot read /no/such/file: No such file"),
        ("file:/dev/zero", "/dev/zero is not a file"),
        ("file:/\0", "after file: comes an absolute path"),
        ("ha1:1234", "after ha1: come 32 hexadecimal digits"),
        (f"ha1:{MD5}:12", "after ha1: come 32 hexadecimal digits"),
        ("", "the password is empty"),
        ("a" * 129, "the password has more than 128 characters"),
        ("bell\a", "the password has characters that cannot be typed"),
    ],
)
def test_what_cannot_be_read_is_said_without_showing_it(text: str, fault: str) -> None:
    found = read_secret(text, {"EMPTY": "", "SECRET": "hush"})

    assert isinstance(found, Unreadable)
    assert found.text.startswith(fault)


def test_a_file_that_is_no_text_or_a_pipe_is_refused(tmp_path: Path) -> None:
    (tmp_path / "bytes").write_bytes(b"\xff\xfe")
    os.mkfifo(tmp_path / "pipe")

    assert read_secret(f"file:{tmp_path}/bytes", {}) == Unreadable(
        f"{tmp_path}/bytes is not UTF-8 text"
    )
    assert read_secret(f"file:{tmp_path}/pipe", {}) == Unreadable(f"{tmp_path}/pipe is not a file")


def test_ha1_is_what_rfc_7616_says() -> None:
    text = b"1001:acme.example:pass"

    expected = Hashed(md5(text, usedforsecurity=False).hexdigest(), sha256(text).hexdigest())
    assert ha1("1001", "acme.example", "pass") == expected


def test_the_change_check_tells_passwords_and_trunks_apart() -> None:
    checks = {change_check(salt, word) for salt in ("t1", "t2") for word in ("a", "b")}

    assert len(checks) == 4
    assert change_check("t1", "a") in checks


def test_a_password_is_not_in_its_representation() -> None:
    assert "hush" not in repr(Clear("hush", "env:A"))
