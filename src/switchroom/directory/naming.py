"""How people name an agent in a command: by user name, with or without its domain, or by id."""

from collections.abc import Mapping

from switchroom.foundation.errors import SwitchroomError

MOST_SHOWN = 5
"Of those who may be meant."


class NoSuchAgentError(SwitchroomError):
    """Nobody has this name, or several have."""

    code = "no_such_agent"


def agents_called(name: str, usernames: Mapping[str, str]) -> tuple[str, ...]:
    """Ids of those whom ``name`` may mean; ``usernames`` by id. Who is named in full is alone."""
    if name in usernames:
        return (name,)
    wanted = name.lower()
    exact = tuple(id for id, username in usernames.items() if username == wanted)
    begins = (id for id, username in usernames.items() if username.partition("@")[0] == wanted)
    return exact or tuple(begins)


def agent_called(name: str, usernames: Mapping[str, str]) -> str:
    """Id of the one whom ``name`` means; ``usernames`` by id.

    Raises:
        NoSuchAgentError: There is none, or several in different domains.
    """
    found = agents_called(name, usernames)
    if not found:
        raise NoSuchAgentError(
            f"no agent is called {name!r}: give a user name, with or without its domain, or an id"
        )
    if len(found) > 1:
        those = " or ".join(sorted(usernames[id] for id in found)[:MOST_SHOWN])
        raise NoSuchAgentError(f"{name!r} may be {those}: give the whole user name")
    return found[0]
