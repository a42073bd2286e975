"""How the command line shows itself to an API."""

from http.server import BaseHTTPRequestHandler, HTTPServer
from importlib.metadata import version
from threading import Thread

from switchroom.cli.remote.client import Api
from switchroom.cli.remote.session import Session


def test_the_list_of_sessions_says_that_it_is_switchroom() -> None:
    heard: list[str] = []

    class Answers(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            heard.append(self.headers["User-Agent"])
            self.send_response(204)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    with HTTPServer(("127.0.0.1", 0), Answers) as server:
        Thread(target=server.handle_request).start()
        with Api(Session(f"http://127.0.0.1:{server.server_port}", "")) as api:
            api.get("/v1/auth/me")
    assert heard == [f"switchroom/{version('switchroom')}"]
