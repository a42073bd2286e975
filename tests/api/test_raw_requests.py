"""What no client library would send: requests that two readers may take for different ones.

Whoever stands before the API and whoever is in it must agree where a request ends and who it is
from. What is ambiguous is refused, and nothing that hides in it is carried out.
"""

import re
import socket
from collections.abc import Iterator

import pytest

from fakes.tcp_client import TcpClient
from fakes.two_customers import TwoCustomers, two_customers

HIDDEN = b'{"name": "smuggled"}'
LAST = b"GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
"Has the server close the connection, unless it has done so."
STATUS = re.compile(rb"HTTP/1\.1 (\d{3}) ")
LIMIT_S = 10.0


@pytest.fixture(scope="module")
def world() -> Iterator[TwoCustomers]:
    with two_customers(TcpClient) as made:
        yield made


def statuses(world: TwoCustomers, request: bytes) -> list[int]:
    """All answers to all that the server took for requests."""
    client = world.world.client
    assert isinstance(client, TcpClient)
    said = b""
    with socket.create_connection(("127.0.0.1", client.port), LIMIT_S) as connection:
        connection.sendall(request + LAST)
        while part := connection.recv(65536):
            said += part
    found = [int(status) for status in STATUS.findall(said)]
    return found[:-1] if b"alive" in said else found


def asking(world: TwoCustomers, line: str, *headers: str, body: bytes = b"") -> bytes:
    """A request of acme's owner, byte by byte."""
    head = [line, "Host: x", f"Authorization: {bearer(world)}", *headers, "", ""]
    return "\r\n".join(head).encode("latin-1") + body


def bearer(world: TwoCustomers) -> str:
    return world.world.credentials("acme-owner")["Authorization"]


def tags(world: TwoCustomers) -> set[str]:
    listed = world.world.ask("acme-owner", "GET", "/v1/tags").json()
    return {one["name"] for one in listed["items"]}


def hidden_request(world: TwoCustomers) -> bytes:
    """A request that is to pass for the body of another one."""
    length, kind = f"Content-Length: {len(HIDDEN)}", "Content-Type: application/json"
    return asking(world, "POST /v1/tags HTTP/1.1", length, kind, body=HIDDEN)


@pytest.mark.parametrize(
    "headers",
    [
        ("Content-Length: {all}", "Content-Length: 0"),
        ("Content-Length: 0", "Content-Length: {all}"),
        ("Content-Length: 0, {all}",),
        ("Content-Length: +{all}",),
        ("Content-Length: 0x2",),
        ("Content-Length: -1",),
        ("Content-Length:",),
        ("Transfer-Encoding: chunked, identity",),
        ("Transfer-Encoding: xchunked",),
        ("Transfer-Encoding: chunked", "Transfer-Encoding: chunked"),
        ("Transfer-Encoding: identity", "Content-Length: {all}"),
        ("Transfer-Encoding : chunked",),
        ("X: \x00",),
    ],
)
def test_who_leaves_open_where_the_body_ends_is_refused(
    world: TwoCustomers, headers: tuple[str, ...]
) -> None:
    hidden = hidden_request(world)
    said = tuple(header.format(all=len(hidden)) for header in headers)
    found = statuses(world, asking(world, "POST /v1/tags HTTP/1.1", *said, body=hidden))
    assert found in ([400], [501])
    assert "smuggled" not in tags(world)


@pytest.mark.parametrize("order", [1, -1])
def test_with_both_lengths_it_is_refused_and_the_connection_ends(
    world: TwoCustomers, order: int
) -> None:
    """RFC 9112 section 6.1: what follows may be the body to whoever has passed it on."""
    hidden = hidden_request(world)
    both = ("Content-Length: 5", "Transfer-Encoding: chunked")[::order]
    request = asking(world, "POST /v1/tags HTTP/1.1", *both, body=b"0\r\n\r\n" + hidden)
    assert statuses(world, request) == [400]
    assert "smuggled" not in tags(world)


def test_each_request_of_a_connection_shows_who_asks(world: TwoCustomers) -> None:
    first = asking(world, "GET /v1/auth/me HTTP/1.1")
    second = b"GET /v1/auth/me HTTP/1.1\r\nHost: x\r\n\r\n"
    assert statuses(world, first + second) == [200, 401]


@pytest.mark.parametrize(
    "headers",
    [
        "Authorization: {good}\r\nAuthorization: Bearer x",
        "Authorization: Bearer x\r\nAuthorization: {good}",
        "Authorization: {good}\r\nauthorization: {good}",
        "Authorization : {good}",
        "Host: y\r\nAuthorization: {good}",
        "Cookie: a=b\r\nCookie: c=d\r\nAuthorization: {good}",
    ],
)
def test_who_says_twice_who_he_is_is_refused(world: TwoCustomers, headers: str) -> None:
    said = headers.format(good=bearer(world))
    request = f"GET /v1/auth/me HTTP/1.1\r\nHost: x\r\n{said}\r\n\r\n"
    assert statuses(world, request.encode()) == [400]


def test_a_folded_line_is_part_of_the_header_above_it(world: TwoCustomers) -> None:
    """RFC 9112 section 5.2: never a header of its own."""
    said = f"Host: x\r\nX: y\r\n Authorization: {bearer(world)}"
    request = f"GET /v1/auth/me HTTP/1.1\r\n{said}\r\n\r\n"
    assert statuses(world, request.encode()) in ([400], [401])


@pytest.mark.parametrize(
    "claim",
    [
        "X-Forwarded-For: 10.1.2.3",
        "X-Forwarded-For: 10.1.2.3, 10.1.2.4",
        "X-Real-IP: 10.1.2.3",
        "Forwarded: for=10.1.2.3",
        "X-Client-IP: 10.1.2.3",
        "Via: 1.1 10.1.2.3",
    ],
)
def test_a_key_is_good_in_its_networks_whatever_a_header_claims(
    world: TwoCustomers, claim: str
) -> None:
    def used_from(networks: list[str]) -> list[int]:
        wish = {"name": "wallboard", "ceiling": ["calls:read"], "networks": networks}
        made = world.world.ask("acme-owner", "POST", "/v1/accesskeys", json=wish).json()
        shown = f"Host: x\r\nAuthorization: Bearer {made['key']}\r\n{claim}"
        return statuses(world, f"GET /v1/calls HTTP/1.1\r\n{shown}\r\n\r\n".encode())

    assert used_from(["10.0.0.0/8"]) == [403]
    assert used_from(["127.0.0.0/8"]) == [200]
    world.put_back()
