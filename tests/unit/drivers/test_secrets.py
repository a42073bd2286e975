"""Secrets come from the kernel, as many bytes as are asked for."""

from switchroom.drivers.secrets import KernelSecrets


def test_bytes_are_new_each_time() -> None:
    drawn = {KernelSecrets().random(32) for _ in range(100)}

    assert len(drawn) == 100
    assert {len(one) for one in drawn} == {32}
