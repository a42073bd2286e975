"""Calls begun over HTTP at a real node: there from the answer on, and ended by who asks.

Asked at the node itself and at ``--role api`` in a process beside it.
"""

import socket
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from interop.node import HOST, Node
from interop.programs import needs

pytestmark = needs()

PASSWORD = "calls all day long"
CONFIGURATION = """
customers:
  - name: acme
    domain: acme.example
    country: US
    agents:
      - {{username: olga@acme.example, name: Olga, password: {password}, roles: [owner]}}
      - {{username: ben@acme.example, name: Ben, password: {password}, roles: [agent]}}
      - {{username: cleo@acme.example, name: Cleo, password: {password}, roles: [agent],
          number: "203", addresses: [{{type: sip, target: "sip:cleo@127.0.0.1:{desk}"}}]}}
"""


class Company:
    """A node where only Cleo has a phone, and it never answers; people who ask it over HTTP."""

    def __init__(self, directory: Path, desk: int, *, is_beside: bool) -> None:
        self._node = Node(directory, CONFIGURATION.format(desk=desk, password=PASSWORD))
        self._api = self._node.api_beside() if is_beside else None
        port = self._node.api_port if is_beside else self._node.http_port
        self._url = f"http://{HOST}:{port}/v1"
        self._tokens: dict[str, str] = {}
        self.ids: dict[str, str] = {}

    def log_in(self) -> None:
        for name in ("olga", "ben", "cleo"):
            body = {"username": f"{name}@acme.example", "password": PASSWORD}
            answer = httpx.post(f"{self._url}/auth/login", json=body, trust_env=False)
            assert answer.status_code == 200, answer.text
            self._tokens[name] = answer.json()["access_token"]
            self.ids[name] = self.ask(name, "GET", "/auth/me").json()["agent_id"]

    def ask(self, who: str, method: str, path: str, json: object = None) -> httpx.Response:
        headers = {"Authorization": f"Bearer {self._tokens[who]}"}
        url = f"{self._url}{path}"
        return httpx.request(method, url, json=json, headers=headers, trust_env=False)

    def end(self) -> None:
        if self._api is not None:
            self._api.kill()
        self._node.program.kill()


@pytest.fixture(scope="module", params=[False, True], ids=["node", "api beside it"])
def company(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Company]:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as desk:
        desk.bind((HOST, 0))
        port = desk.getsockname()[1]
        company = Company(tmp_path_factory.mktemp("node"), port, is_beside=request.param)
        try:
            company.log_in()
            yield company
        finally:
            company.end()


def test_a_call_can_be_read_and_hung_up_as_soon_as_it_is_begun(company: Company) -> None:
    for _ in range(10):
        begun = company.ask("cleo", "POST", "/calls", {"to": {"kind": "number", "name": "203"}})
        assert begun.status_code == 201, begun.text
        path = begun.headers["Location"].removeprefix("/v1")
        read = company.ask("cleo", "GET", path)
        assert read.status_code == 200, read.text
        assert [leg["agent_id"] for leg in read.json()["legs"]] == [company.ids["cleo"]]
        assert read.json()["outcome"] == "live"
        assert company.ask("ben", "GET", path).status_code == 404
        assert company.ask("ben", "POST", f"{path}/hangup").status_code == 404
        assert company.ask("cleo", "POST", f"{path}/hangup").status_code == 204
        assert company.ask("olga", "POST", f"{path}/hangup").status_code == 409


def test_who_has_a_call_begun_for_somebody_and_he_himself_may_both_end_it(
    company: Company,
) -> None:
    body = {"to": {"kind": "number", "name": "203"}, "agent_id": company.ids["cleo"]}
    for who in ("olga", "cleo"):
        begun = company.ask("olga", "POST", "/calls", body)
        path = begun.headers["Location"].removeprefix("/v1")
        assert company.ask("cleo", "GET", path).status_code == 200
        assert company.ask(who, "POST", f"{path}/hangup").status_code == 204
