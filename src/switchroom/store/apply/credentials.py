"""What a file's passwords become: hashes for extensions, references for trunks."""

from collections.abc import Mapping

from switchroom.identity.rules.passwords import password_fault
from switchroom.store.secret import Clear, Hashed, Unreadable, change_check, ha1, read_secret
from switchroom.store.stored import Origin


def of_extension(
    text: str, number: str, domain: str, environ: Mapping[str, str]
) -> tuple[Hashed, Origin] | Unreadable:
    """The hashes to store, and where the password came from."""
    match read_secret(text, environ):
        case Clear(password, reference):
            return ha1(number, domain, password), Origin(reference)
        case Hashed() as hashed:
            return hashed, Origin()
        case fault:
            return fault


def of_agent(
    text: str, agent_id: str, username: str, environ: Mapping[str, str]
) -> tuple[str, Origin] | Unreadable:
    """The password, of which only a slow hash will be stored, and where it came from."""
    match read_secret(text, environ):
        case Clear(password, _) if fault := password_fault(password, username):
            return Unreadable(fault)
        case Clear(password, reference):
            return password, Origin(reference, change_check(agent_id, password))
        case Hashed():
            return Unreadable("an agent logs in with a password: write env:NAME or file:/PATH")
        case fault:
            return fault


def of_trunk(
    text: str, trunk_id: str, environ: Mapping[str, str]
) -> tuple[str, Origin] | Unreadable:
    """The password, and where it came from; a trunk's password itself is never stored."""
    match read_secret(text, environ):
        case Clear(password, reference) if reference:
            return password, Origin(reference, change_check(trunk_id, password))
        case Clear():
            return Unreadable(
                "a trunk's password would have to be stored in the clear, since the carrier's"
                " challenge needs it: write env:NAME or file:/PATH instead"
            )
        case Hashed():
            return Unreadable("a trunk needs the password itself: write env:NAME or file:/PATH")
        case fault:
            return fault
