"""Random ids."""

import pytest

from switchroom.drivers.ids import RandomIds


def test_tokens_are_words_of_64_bits_that_never_repeat_across_batches() -> None:
    ids = RandomIds("w1")
    tokens = [ids.token() for _ in range(5000)]
    assert len(set(tokens)) == 5000
    assert all(token.startswith("w1") and len(token) == 18 and token.isalnum() for token in tokens)


def test_tokens_are_not_ordered() -> None:
    ids = RandomIds()
    tokens = [ids.token() for _ in range(1000)]
    assert tokens not in (sorted(tokens), sorted(tokens, reverse=True))


@pytest.mark.parametrize("worker", ["", "A", "a-b", "ä"])
def test_a_worker_that_could_not_stand_in_a_branch_is_refused(worker: str) -> None:
    with pytest.raises(ValueError, match="lower-case letters and digits"):
        RandomIds(worker)
