"""Log lines as an operator's tools get them."""

import json
import logging
from collections.abc import Iterator
from datetime import datetime
from io import StringIO

import pytest
import structlog

from switchroom.drivers.logs import configure_logs


@pytest.fixture(autouse=True)
def _restore() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    structlog.reset_defaults()
    root.handlers[:] = handlers
    root.setLevel(level)


def test_a_line_is_json_with_time_level_and_fields() -> None:
    out = StringIO()
    configure_logs("info", "auto", out)
    structlog.get_logger().info("call ended", call_id="abc", status=200)
    line = json.loads(out.getvalue())
    assert datetime.fromisoformat(line.pop("timestamp")).utcoffset() is not None
    assert line == {"event": "call ended", "level": "info", "call_id": "abc", "status": 200}


def test_the_libraries_lines_have_the_same_form() -> None:
    out = StringIO()
    configure_logs("info", "json", out)
    logging.getLogger("uvicorn.error").info("chatter")
    logging.getLogger("uvicorn.error").warning("odd %s", "request")
    line = json.loads(out.getvalue())
    assert (line["event"], line["level"], line["logger"]) == (
        "odd request",
        "warning",
        "uvicorn.error",
    )


def test_lower_levels_are_left_out() -> None:
    out = StringIO()
    configure_logs("warning", "json", out)
    structlog.get_logger().info("quiet")
    logging.getLogger("other").info("quiet")
    assert out.getvalue() == ""


@pytest.mark.parametrize("text", ["x\n{}\x1b[2J", "x\x1b[2J"])
@pytest.mark.parametrize("log_format", ["json", "console"])
def test_hostile_text_forges_neither_a_line_nor_a_terminal_command(
    log_format: str, text: str
) -> None:
    out = StringIO()
    configure_logs("info", "json" if log_format == "json" else "console", out)
    structlog.get_logger().info("refused", user_agent=text)
    assert out.getvalue().count("\n") == 1
    assert "\x1b" not in out.getvalue()


def test_an_exception_is_one_json_line() -> None:
    out = StringIO()
    configure_logs("info", "json", out)
    try:
        raise ValueError("broken")
    except ValueError:
        structlog.get_logger().error("failed", exc_info=True)
    assert json.loads(out.getvalue())["exception"][0]["exc_type"] == "ValueError"


@pytest.mark.parametrize("log_format", ["json", "console"])
@pytest.mark.parametrize("logger", ["ours", "library"])
def test_a_traceback_shows_no_password_that_a_variable_holds(log_format: str, logger: str) -> None:
    out = StringIO()
    configure_logs("info", "json" if log_format == "json" else "console", out)

    def log_in(password: str) -> None:
        raise ValueError(f"wrong password of {len(password)} characters")

    try:
        log_in("".join(["correct ", "horse"]))
    except ValueError:
        if logger == "ours":
            structlog.get_logger().exception("failed")
        else:
            logging.getLogger("library").exception("failed")
    assert "wrong password" in out.getvalue()
    assert "correct horse" not in out.getvalue()
