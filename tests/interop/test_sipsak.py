"""sipsak: an independent tool asks, registers, and sends what nobody should."""

import subprocess

from interop.home_office import HomeOffice
from interop.programs import needs

pytestmark = needs("sipsak")


def sipsak(home: HomeOffice, user: str, *words: str) -> subprocess.CompletedProcess[str]:
    uri = f"sip:{user}@127.0.0.1:{home.node.port}"
    command = ["sipsak", "-s", uri, "-H", "127.0.0.1", *words]
    return subprocess.run(
        command, capture_output=True, text=True, errors="replace", timeout=30, check=False
    )


def test_options_are_answered(home: HomeOffice) -> None:
    result = sipsak(home, "anybody", "-v")
    assert result.returncode == 0, result.stdout + result.stderr


def test_it_registers_with_the_password_and_not_without(home: HomeOffice) -> None:
    contact = ("-U", "-i", "-u", "1001", "-C", "sip:1001@127.0.0.1:9", "-x", "120")
    wrong = sipsak(home, "1001", *contact, "-a", "guessed")
    assert wrong.returncode != 0
    assert not home.node.status.registrations

    right = sipsak(home, "1001", *contact, "-a", "secret-of-1001", "-vvv")
    assert right.returncode == 0, right.stdout + right.stderr
    (known,) = home.node.status.registrations
    assert (known.extension, known.contact) == ("1001", "sip:1001@127.0.0.1:9")
    assert 100 < known.expires_in_s <= 120


def test_a_flood_is_cut_off_and_others_are_served(home: HomeOffice) -> None:
    """500 requests at once from one address, where 50 per second are allowed."""
    sipsak(home, "anybody", "-F", "-e", "500")
    serves_others(home)


def serves_others(home: HomeOffice) -> None:
    assert home.node.program.runs
    assert not home.node.status.not_ready
    result = sipsak(home, "anybody", "--local-ip=127.0.0.3")
    assert result.returncode == 0, result.stdout + result.stderr


def test_trashed_requests_harm_nobody(home: HomeOffice) -> None:
    sipsak(home, "anybody", "-R")  # ends when nothing is left to trash or no answer comes
    serves_others(home)
    assert home.node.is_idle()
