"""Asks the HTTP API and says what it answers; a session that has ended is renewed on the way."""

from collections.abc import Iterator, Mapping
from importlib.metadata import version
from typing import Any

import httpx

from switchroom.cli.remote.session import NotLoggedInError, Session, forget, save
from switchroom.foundation.errors import SwitchroomError

TIMEOUT_S = 30.0
PAGES_LIMIT = 1_000
USER_AGENT = f"switchroom/{version('switchroom')}"
"Stands in the list of sessions."


class ApiError(SwitchroomError):
    """The API refused, or does not answer. ``code`` is the API's own.

    ``problem`` is the document that it answered; empty: none.
    """

    def __init__(self, code: str, text: str, problem: Mapping[str, Any] | None = None) -> None:
        super().__init__(text)
        self.code = code
        self.problem = problem or {}


class Api:
    """One API as one user; use it in a ``with``."""

    def __init__(self, session: Session, *, timeout_s: float = TIMEOUT_S) -> None:
        self._session = session
        self._client = httpx.Client(
            base_url=session.url, timeout=timeout_s, headers={"User-Agent": USER_AGENT}
        )

    def __enter__(self) -> "Api":
        return self

    def __exit__(self, *_: object) -> None:
        self._client.close()

    def get(self, path: str, **query: str | int) -> Any:
        """What there is at ``path``."""
        return self._asked("GET", path, params=query)

    def text(self, path: str) -> str:
        """What there is at ``path``, as it is."""
        return self._ask("GET", path).text

    def post(self, path: str, body: dict[str, Any]) -> Any:
        """What comes of it; ``None`` for nothing."""
        return self._asked("POST", path, json=body)

    def send(self, path: str, text: str, kind: str, **query: str | int) -> Any:
        """What comes of a text of this media type."""
        headers = {"Content-Type": kind}
        return self._asked("POST", path, content=text.encode(), params=query, headers=headers)

    def pages(self, path: str, **query: str | int) -> Iterator[dict[str, Any]]:
        """Everything of a list, page after page."""
        cursor = ""
        for _ in range(PAGES_LIMIT):
            page = self.get(path, **query, **({"cursor": cursor} if cursor else {}))
            yield from page["items"]
            cursor = page.get("next_cursor") or ""
            if not cursor:
                return

    def _asked(self, method: str, path: str, **more: Any) -> Any:
        answer = self._ask(method, path, **more)
        return answer.json() if answer.content else None

    def _ask(self, method: str, path: str, **more: Any) -> httpx.Response:
        answer = self._send(method, path, **more)
        if answer.status_code == 401 and self._session.refresh_token:
            self._renew()
            answer = self._send(method, path, **more)
        if answer.is_success:
            return answer
        raise _error(answer)

    def _send(
        self, method: str, path: str, headers: Mapping[str, str] | None = None, **more: Any
    ) -> httpx.Response:
        token = self._session.access_token
        bearer = {"Authorization": f"Bearer {token}"} if token else {}
        headers = {**(headers or {}), **bearer}
        try:
            return self._client.request(method, path, headers=headers, **more)
        except httpx.HTTPError as error:
            url = self._session.url
            raise ApiError("unreachable", f"{url} does not answer: {error}") from error

    def _renew(self) -> None:
        body = {"refresh_token": self._session.refresh_token}
        answer = self._send("POST", "/v1/auth/refresh", json=body)
        if not answer.is_success:
            forget()
            raise NotLoggedInError("the session has ended: switchroom login")
        tokens = answer.json()
        self._session.access_token = tokens["access_token"]
        self._session.refresh_token = tokens["refresh_token"]
        save(self._session)


def _error(answer: httpx.Response) -> ApiError:
    try:
        problem = answer.json()
        text = problem.get("detail") or problem.get("title") or ""
        fields = [f"{one['field']}: {one['text']}" for one in problem.get("errors", [])]
        reasons = [_reason(one) for one in problem.get("because", [])]
        told = "\n  ".join([text, *fields, *reasons])
        return ApiError(problem.get("code", "refused"), told, problem)
    except (ValueError, KeyError, AttributeError, TypeError):
        return ApiError("refused", f"no answer of a Switchroom API ({answer.status_code})")


def _reason(one: dict[str, Any]) -> str:
    via = f"role {one['role']}" if one.get("role") else "a restriction"
    return f"{one['effect']} {one['statement']} ({one['scope']}) by {via}"
