"""Digest authentication: published vectors, both sides against each other, nonces."""

import pytest

from switchroom.sip.digest import (
    Algorithm,
    Credentials,
    Login,
    Nonces,
    Outcome,
    answer,
    challenge_lines,
    choose,
    ha1,
    parse_credentials,
    verify,
)

REALM = "switchroom"
USERS = {"alice": "secret", 'b"o\\b': "pä:ss", "Jäsøn Doe": "x"}


def ha1_of(algorithm: str, user: str, realm: str) -> str | None:
    password = USERS.get(user)
    return ha1(algorithm, user, realm, password) if password and realm == REALM else None


class Server:
    """A server's side with one nonce."""

    def __init__(self, *algorithms: Algorithm) -> None:
        self.nonces = Nonces(b"key", lifetime_s=60)
        self.nonce = self.nonces.issue(1000.0, "token1")
        chosen = algorithms or ("SHA-256", "MD5")
        self.lines = challenge_lines(REALM, self.nonce, chosen, stale=False, opaque='o"p')

    def judge(self, value: str | None, now: float = 1001.0, uri: str = "") -> Outcome:
        assert value is not None
        return verify(parse_credentials(value), "REGISTER", ha1_of, self.nonces, now, uri)


def reply(challenge: str, login: Login | None = None, count: int = 1) -> str | None:
    who = login or Login("alice", "secret")
    return answer(challenge, "REGISTER", "sip:example.com", who, "c0ffee", count)


@pytest.mark.parametrize(
    ("algorithm", "response"),
    [
        ("MD5", "8ca523f5e9506fed4657c9700eebdbec"),
        ("SHA-256", "753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1"),
    ],
)
def test_the_example_of_rfc_7616_is_answered(algorithm: str, response: str) -> None:
    """Section 3.9.1 of the RFC."""
    challenge = (
        'Digest realm="http-auth@example.org", qop="auth, auth-int", '
        f"algorithm={algorithm}, "
        'nonce="7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v", '
        'opaque="FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS"'
    )
    login = Login("Mufasa", "Circle of Life")
    cnonce = "f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ"
    found = parse_credentials(answer(challenge, "GET", "/dir/index.html", login, cnonce) or "")
    assert found is not None
    assert found.response == response
    assert found.nonce_count == "00000001"


def test_a_challenge_without_qop_is_answered_as_in_rfc_2617() -> None:
    challenge = 'Digest realm="testrealm@host.com", nonce="dcd98b7102dd2f0e8b11d0f600bfb0c093"'
    login = Login("Mufasa", "CircleOfLife")
    value = answer(challenge, "GET", "/dir/index.html", login, "unused")
    assert value is not None
    assert 'response="1949323746fe6a43ef61f9606e7febea"' in value
    assert "cnonce" not in value
    assert "algorithm" not in value


@pytest.mark.parametrize("algorithm", ["MD5", "SHA-256"])
@pytest.mark.parametrize("session", ["", "-sess"])
@pytest.mark.parametrize("user", USERS)
def test_both_sides_agree(algorithm: Algorithm, session: str, user: str) -> None:
    server = Server(algorithm)
    challenge = server.lines[0].replace(f"={algorithm}", f"={algorithm}{session}")
    assert server.judge(reply(challenge, Login(user, USERS[user]))) == "ok"


def test_a_client_without_qop_is_let_in_once_for_each_nonce() -> None:
    server = Server("MD5")
    value = reply(server.lines[0].replace(', qop="auth"', ""))
    assert server.judge(value) == "ok"
    assert server.judge(value) == "stale"


def test_a_wrong_password_and_an_unknown_user_look_the_same() -> None:
    server = Server()
    assert server.judge(reply(server.lines[0], Login("alice", "wrong"))) == "wrong"
    assert server.judge(reply(server.lines[0], Login("nobody", "secret"))) == "wrong"
    assert len(server.nonces) == 0


def test_a_replay_is_refused() -> None:
    server = Server()
    value = reply(server.lines[0])
    assert [server.judge(value), server.judge(value)] == ["ok", "stale"]
    assert server.judge(reply(server.lines[0], count=2)) == "ok"
    assert server.judge(reply(server.lines[0], count=2)) == "stale"
    assert server.judge(reply(server.lines[0], count=1)) == "stale"
    assert server.judge(reply(server.lines[0], count=9)) == "ok"


def test_an_old_or_foreign_nonce_is_stale_only_for_those_who_know_the_password() -> None:
    server = Server()
    value = reply(server.lines[0])
    assert server.judge(value, now=1060.0) == "ok"
    assert server.judge(reply(server.lines[0], count=2), now=1060.1) == "stale"
    assert server.judge(reply(server.lines[0], count=3), now=999.0) == "stale"
    foreign = Nonces(b"other key", 60).issue(1000.0, "token1")
    for nonce in (foreign, "junk", "1.2.3", "é.ü.ß", server.nonce + "0", "0" + server.nonce):
        challenge = server.lines[0].replace(server.nonce, nonce)
        assert server.judge(reply(challenge)) == "stale"
        assert server.judge(reply(challenge, Login("alice", "wrong"))) == "wrong"


def test_the_table_of_counts_is_bounded_and_forgets_safely() -> None:
    nonces = Nonces(b"key", lifetime_s=60, most=10)
    issued = [nonces.issue(1000.0 + number, f"t{number}") for number in range(30)]
    assert all(nonces.use(nonce, 1, 1031.0) for nonce in issued)
    assert len(nonces) == 10
    assert not any(nonces.use(nonce, 2, 1031.0) for nonce in issued[:20])  # might be replays
    assert all(nonces.use(nonce, 2, 1031.0) for nonce in issued[20:])
    assert nonces.use(nonces.issue(1031.0, "t"), 1, 1031.0)


def test_the_signed_uri_can_be_insisted_on() -> None:
    server = Server()
    assert server.judge(reply(server.lines[0]), uri="sip:elsewhere") == "malformed"
    assert server.judge(reply(server.lines[0]), uri="sip:example.com") == "ok"


GOOD = 'Digest username="a", realm="r", nonce="n", uri="u", response="x", qop=auth, nc=00000001'


@pytest.mark.parametrize(
    "value",
    [
        "",
        "Digest",
        "Basic YTpi",
        "NoOneKnowsThisScheme opaque-data=here",
        GOOD,
        GOOD.replace("auth,", "auth-int,") + ', cnonce="c"',
        GOOD.replace("00000001", "1") + ', cnonce="c"',
        GOOD.replace("00000001", "0000000g") + ', cnonce="c"',
        GOOD + ', cnonce="c", algorithm=SHA-1',
        GOOD + ', cnonce="c", cnonce="d"',
        GOOD.replace('"n"', '""') + ', cnonce="c"',
        GOOD.replace('realm="r", ', "") + ', cnonce="c"',
        GOOD + ', cnonce="c", junk',
        'Digest username="a", realm="r", nonce="n", uri="u", response="x", algorithm=MD5-sess',
        GOOD + ', cnonce="c"' + "".join(f", p{number}=1" for number in range(64)),
    ],
)
def test_unusable_credentials_are_none(value: str) -> None:
    assert parse_credentials(value) is None
    nonces = Nonces(b"key", 60)
    assert verify(parse_credentials(value), "INVITE", ha1_of, nonces, 0.0) == "malformed"


def test_credentials_are_read_tolerantly() -> None:
    value = (
        r'digest  USERNAME="b\"o\\b" ,realm = "r,1", nonce="n", uri="sip:h;x=<1,2>",'
        ' response="X", qop="auth", nc=0000000A, cnonce="c", algorithm="sha-256"'
    )
    assert parse_credentials(value) == Credentials(
        user='b"o\\b',
        realm="r,1",
        nonce="n",
        uri="sip:h;x=<1,2>",
        response="X",
        algorithm="SHA-256",
        qop="auth",
        cnonce="c",
        nonce_count="0000000A",
    )


def test_an_extended_user_name_is_decoded() -> None:
    value = GOOD.replace('username="a"', "username*=UTF-8''J%C3%A4s%C3%B8n%20Doe") + ", cnonce=c"
    found = parse_credentials(value)
    assert found is not None
    assert found.user == "Jäsøn Doe"


def test_challenges_have_one_value_for_each_algorithm() -> None:
    assert challenge_lines('a"b', "n", ["SHA-256", "MD5"], stale=True) == [
        r'Digest realm="a\"b", nonce="n", algorithm=SHA-256, qop="auth", stale=true',
        r'Digest realm="a\"b", nonce="n", algorithm=MD5, qop="auth", stale=true',
    ]


def test_the_strongest_challenge_is_chosen() -> None:
    md5 = 'Digest realm="r", nonce="n"'
    sha = 'Digest realm="r", nonce="n", algorithm=SHA-256, qop="auth,auth-int"'
    unknown = 'Digest realm="r", nonce="n", algorithm=SHA-512-256'
    integrity = 'Digest realm="r", nonce="n", algorithm=SHA-256, qop="auth-int"'
    assert choose([md5, unknown, sha, integrity]) == sha
    assert choose([unknown, integrity, md5]) == md5
    assert choose([unknown, integrity, "Basic x", ""]) is None
    assert choose([]) is None


@pytest.mark.parametrize(
    "challenge",
    ["", "Basic x", 'Digest realm="r"', 'Digest nonce="n", qop="auth-int"', "Digest nonce=n, x"],
)
def test_what_cannot_be_answered_is_not(challenge: str) -> None:
    assert reply(challenge) is None
