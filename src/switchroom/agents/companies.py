"""As which company somebody inside calls: the number that is his own."""

from switchroom.directory.model import Agent, Configuration, Extension, Number


class Companies:
    """Numbers by where they lead, built anew with each configuration."""

    __slots__ = ("_by_target", "_groups_of_agent", "_of_client")

    def __init__(self, configuration: Configuration) -> None:
        self._of_client: dict[str, Number] = {}
        self._by_target: dict[tuple[str, str], list[Number]] = {}
        for number in sorted(configuration.numbers, key=lambda number: number.e164):
            self._by_target.setdefault((number.to.kind, number.to.id), []).append(number)
            if number.client_id:
                self._of_client.setdefault(number.client_id, number)
        self._groups_of_agent: dict[str, list[str]] = {}
        for group in configuration.groups:
            for member_id in group.member_ids:
                self._groups_of_agent.setdefault(member_id, []).append(group.id)

    def number_of_client(self, client_id: str) -> Number | None:
        """The first of a client's numbers."""
        return self._of_client.get(client_id)

    def number_of(self, agent: Agent | None, extension: Extension | None) -> Number | None:
        """The number presented for calls to the outside; ``None``: the trunk's own.

        It is the first that leads to the extension or to its agent. Failing that, the first that
        leads to a group with this agent, if all those numbers are for one client: whoever serves
        several clients must not call for one of them under the name of another.
        """
        own = () if extension is None else self._by_target.get(("extension", extension.id), ())
        direct = list(own)
        if agent is None:
            return direct[0] if direct else None
        direct += self._by_target.get(("agent", agent.id), ())
        if direct:
            return direct[0]
        shared = [
            number
            for group_id in self._groups_of_agent.get(agent.id, ())
            for number in self._by_target.get(("group", group_id), ())
        ]
        return shared[0] if len({number.client_id for number in shared}) == 1 else None
