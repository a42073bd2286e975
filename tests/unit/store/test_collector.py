"""The collector waits as long as anybody needs it to, and not longer."""

import gc
from threading import Event, Thread

import pytest

from switchroom.store.collector import collector_waits


def test_it_waits_until_the_last_one_is_done() -> None:
    begun, go_on = Event(), Event()

    def work() -> None:
        with collector_waits():
            begun.set()
            go_on.wait(10)

    other = Thread(target=work)
    with collector_waits():
        other.start()
        assert begun.wait(10)
    assert not gc.isenabled()
    go_on.set()
    other.join(10)
    assert gc.isenabled()


def test_it_goes_on_after_a_failure() -> None:
    with pytest.raises(ValueError, match="wrong"), collector_waits():
        raise ValueError("wrong")
    assert gc.isenabled()


def test_it_does_not_wait_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("switchroom.store.collector.MOST_YOUNG", 1000)
    with collector_waits():
        assert not gc.isenabled()
        young = [[number] for number in range(2000)]
        with collector_waits():
            assert gc.isenabled()
        assert len(young) == 2000
    assert gc.isenabled()
