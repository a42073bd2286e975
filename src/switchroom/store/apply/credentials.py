"""What a document's passwords become: hashes for extensions, references for trunks."""

from collections.abc import Mapping
from typing import Protocol

from msgspec import Struct

from switchroom.identity.rules.passwords import password_fault
from switchroom.store.secret import Clear, Hashed, Unreadable, change_check, ha1, read_secret
from switchroom.store.stored import Origin

REQUIRED = Unreadable("is required")
NEW = "new"
"In place of the slow hash of a password of which nobody knows yet whether it is stored already."


class Credentials(Protocol):
    """Reads the passwords of one document. What cannot be read says why, and shows nothing.

    Of extensions and trunks it says, too, what it means that the document gives none: the text is
    empty then.
    """

    def of_extension(
        self, text: str, extension_id: str, number: str, domain: str
    ) -> tuple[Hashed, Origin] | Unreadable:
        """The hashes to store, and where the password came from."""
        ...

    def of_agent(self, text: str, agent_id: str, username: str) -> tuple[str, Origin] | Unreadable:
        """The password, of which only a slow hash will be stored, and where it came from.

        Empty if it stays where it is.
        """
        ...

    def of_trunk(self, text: str, trunk_id: str) -> tuple[str, Origin] | Unreadable:
        """The password, and where it came from; the database never has the password itself.

        Empty without a password; what is in its place if that is known only where it came from.
        """
        ...


class LocalCredentials(Struct, frozen=True):
    """Of a file that the operator applies on the machine itself: ``env:`` and ``file:`` count."""

    environ: Mapping[str, str]
    "Where ``env:`` passwords are looked up."

    def of_extension(
        self, text: str, extension_id: str, number: str, domain: str
    ) -> tuple[Hashed, Origin] | Unreadable:
        """The hashes to store, and where the password came from."""
        del extension_id  # what it has now does not matter: the file says it all
        if not text:
            return REQUIRED
        match read_secret(text, self.environ):
            case Clear(password, reference):
                return ha1(number, domain, password), Origin(reference)
            case Hashed() as hashed:
                return hashed, Origin()
            case fault:
                return fault

    def of_agent(self, text: str, agent_id: str, username: str) -> tuple[str, Origin] | Unreadable:
        """The password, and where it came from."""
        del agent_id  # whoever he is: the file says it all
        match read_secret(text, self.environ):
            case Clear(password, _) if fault := password_fault(password, username):
                return Unreadable(fault)
            case Clear(password, reference):
                return password, Origin(reference, NEW)
            case Hashed():
                return Unreadable("an agent logs in with a password: write env:NAME or file:/PATH")
            case fault:
                return fault

    def of_trunk(self, text: str, trunk_id: str) -> tuple[str, Origin] | Unreadable:
        """The password, which must lie outside of the file, and where it came from."""
        if not text:
            return "", Origin()
        match read_secret(text, self.environ):
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
