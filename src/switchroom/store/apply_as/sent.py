"""Passwords of a document that comes over the network: nothing of the server is read for them."""

from collections.abc import Callable

from switchroom.identity.rules.passwords import password_fault
from switchroom.store.apply.credentials import NEW, REQUIRED
from switchroom.store.secret import Clear, Hashed, Unreadable, ha1, read_secret
from switchroom.store.stored import Origin, Stored

MOST_PASSWORDS = 200
"""Of agents and trunks in one document, in the clear: each takes slow hashes."""

_PLACES = ("env:", "file:")
_ELSEWHERE = Unreadable(
    "env: and file: would be read on the server, so over the API they may only stay as they are:"
    " write the password itself, or have the file applied on the server's machine"
)
_AS_IT_IS = "as it is"
_TOO_MANY = Unreadable(f"more than {MOST_PASSWORDS} passwords of agents and trunks in one document")


class SentCredentials:
    """``Credentials`` of one document: what is stored may stay, the rest is what it says."""

    def __init__(self, before: Stored, password_least: int) -> None:
        """What the document's passwords are compared with.

        Passwords of agents and trunks all count as new; it takes slow hashes to find out.

        Args:
            before: What is stored.
            password_least: Characters that the customer asks of a log-in password.
        """
        self.written_out: set[str] = set()
        "Ids of what the document has a password or hash for, be it the one that is stored or not."
        self.trunks: dict[str, str] = {}
        "By id: passwords that are given, to be kept where the node finds them if they are new."
        self._before = before
        self._least = password_least
        self._hashes = {
            one.id: Hashed(one.ha1_md5, one.ha1_sha256) for one in before.configuration.extensions
        }
        self._count = 0

    def of_extension(
        self, text: str, extension_id: str, number: str, domain: str
    ) -> tuple[Hashed, Origin] | Unreadable:
        """The hashes to store, and where the password came from; none given: as they are."""
        if not text:
            hashes = self._hashes.get(extension_id)
            return REQUIRED if hashes is None else (hashes, self._before.origin(extension_id))
        if text.startswith(_PLACES):
            origin = self._before.origin(extension_id)
            return (self._hashes[extension_id], origin) if origin.reference == text else _ELSEWHERE
        match read_secret(text, {}):
            case Clear(password):
                self.written_out.add(extension_id)
                return ha1(number, domain, password), Origin()
            case Hashed() as hashed:
                self.written_out.add(extension_id)  # whoever guesses can hash what he guesses
                return hashed, Origin()
            case fault:
                return fault

    def of_agent(self, text: str, agent_id: str, username: str) -> tuple[str, Origin] | Unreadable:
        """The password, empty if it stays where it is."""

        def fault(password: str) -> str | None:
            return password_fault(password, username, self._least)

        found = self._password(text, agent_id, "an agent logs in with a password: write it", fault)
        match found:
            case Unreadable():
                return found
            case None:
                return "", self._before.origin(agent_id)
            case Clear(password):
                return password, Origin("", NEW)

    def of_trunk(self, text: str, trunk_id: str) -> tuple[str, Origin] | Unreadable:
        """The password, and where it lies; without a place it must be kept somewhere first.

        None given: as it is, if there is one.
        """
        known = self._before.origin(trunk_id)
        if not text:
            return (_AS_IT_IS if known.reference else "", known)
        found = self._password(text, trunk_id, "a trunk needs the password itself", lambda _: None)
        match found:
            case Unreadable():
                return found
            case None:
                return _AS_IT_IS, known
            case Clear(password):
                self.trunks[trunk_id] = password
                return password, Origin("", NEW)

    def _password(
        self, text: str, id: str, not_hashed: str, fault: Callable[[str], str | None]
    ) -> Clear | Unreadable | None:
        """The password; ``None``: it stays where it is."""
        if text.startswith(_PLACES):
            return None if self._before.origin(id).reference == text else _ELSEWHERE
        self._count += 1
        if self._count > MOST_PASSWORDS:
            return _TOO_MANY
        match read_secret(text, {}):
            case Clear(password) if why := fault(password):
                return Unreadable(why)
            case Clear() as clear:
                self.written_out.add(id)
                return clear
            case Hashed():
                return Unreadable(not_hashed)
            case unreadable:
                return unreadable
