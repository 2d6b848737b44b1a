"""Operation ids: the same as the official SDK's, and the service's pattern."""

from __future__ import annotations

import re
from hashlib import blake2b
from typing import Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from perdure.ids import operation_id

# The position in each context on the way; computed by the official SDK 3.0.0.
OFFICIAL: Final = {
    (1,): "1ced8f5be2db23a6513eba4d819c73806424748a7bc6fa0d792cc1c7d1775a97",
    (2,): "c5faca15ac2f93578b39ef4b6bbb871bdedce4ddd584fd31f0bb66fade3947e6",
    (3,): "6f760b9e9eac89f07ab0223b0f4acb04d1e355d893a1b86a83f4d4b405adee99",
    (10,): "f2e74cbc3eff574bbc45333c30edb947858543afda4cafdde2903324c9de0bd9",
    (1, 1): "974bfc6321e227b0ff101342eaf19b336f002dc6cc99c18f0941a7755cc20fc4",
    (1, 3): "1285febf1acb287ae3907ff182ecfdb57779085f587be94ed0e0cfc9696f0634",
    (1, 0): "1712f93e2f51df042e2b933907d75accfe34a48fe4a42a24e0b08131bc72d591",
    (1, 0, 2): "e231c1be0f060730dd2255a3b75d8f79a45ffa73a76ddd39ac388d514df82845",
    (1, 1, 2): "7dffbf2333ca4efb292b4441534f8a543c2bd643dd69a2c57d96848bf3457e41",
    (2, 1): "9b9a566e6a3acb025bf1e7f9316f877f4def1a4320ddf2c8674e0fa6ceea6d64",
    (2, 1, 1): "ec3d4d804a9c821cd71ea7db4d0002ce721e6eb106f4f1562d2af0b169a68324",
}


@pytest.mark.parametrize(
    ("position", "prefix", "preimage"),
    [(1, None, "1"), (12, None, "12"), (1, "abc", "abc-1"), (0, "abc", "abc-0")],
)
def test_preimage(position: int, prefix: str | None, preimage: str) -> None:
    assert operation_id(position, prefix) == blake2b(preimage.encode()).hexdigest()[:64]


@pytest.mark.parametrize(("path", "expected"), OFFICIAL.items(), ids=str)
def test_ids_of_the_official_sdk(path: tuple[int, ...], expected: str) -> None:
    key: str | None = None
    for position in path:
        key = operation_id(position, key)
    assert key == expected


@given(st.lists(st.tuples(st.integers(0, 50), st.sampled_from([None, "a", "b"])), unique=True))
def test_positions_never_share_an_id(places: list[tuple[int, str | None]]) -> None:
    ids = {operation_id(position, prefix) for position, prefix in places}
    assert len(ids) == len(places)
    assert all(re.fullmatch(r"[a-zA-Z0-9\-_]{1,64}", each) for each in ids)
