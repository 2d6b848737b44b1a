"""Execution ARNs, taken apart and put together."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.samples import ARN, state
from perdure.arn import ExecutionArn, parse_execution_arn
from perdure.errors import ValidationError
from perdure.models.fields import ARN_PATTERN

WORD = st.from_regex(r"[a-zA-Z0-9_-]+", fullmatch=True)
PLAIN = st.from_regex(r"[a-zA-Z0-9-]+", fullmatch=True)
ACCOUNT = st.from_regex(r"[0-9]{12}", fullmatch=True)
QUALIFIER = st.one_of(
    st.just("$LATEST"), st.just("$LATEST.PUBLISHED"), st.from_regex(r"[0-9]+", fullmatch=True)
)


def test_parts() -> None:
    arn = parse_execution_arn(ARN)
    assert arn == ExecutionArn("aws", "eu-west-1", "123456789012", "orders", "7", "order-1", "e1")
    assert arn.function_arn == "arn:aws:lambda:eu-west-1:123456789012:function:orders:7"


@given(st.builds(ExecutionArn, PLAIN, PLAIN, ACCOUNT, WORD, QUALIFIER, WORD, WORD))
def test_any_arn_comes_back(arn: ExecutionArn) -> None:
    assert parse_execution_arn(str(arn)) == arn


@given(st.one_of(st.text(), st.from_regex(ARN_PATTERN, fullmatch=True)))
def test_a_text_is_an_arn_or_refused(text: str) -> None:
    try:
        arn = parse_execution_arn(text)
    except ValidationError:
        return
    assert str(arn) == text


@pytest.mark.parametrize(
    ("changed", "to", "says"),
    [
        ("arn:", "urn:", "not the ARN"),
        (":orders", "", "not the ARN"),
        ("orders:7", "orders:7:8", "not the ARN"),
        ("aws", "a_s", "wrong partition 'a_s'"),
        ("lambda", "s3", "wrong service 's3'"),
        ("eu-west-1", "", "wrong region ''"),
        ("123456789012", "1234", "wrong account '1234'"),
        ("123456789012", "١٢٣٤٥٦٧٨٩٠١٢", "wrong account"),
        ("function:", "layer:", "wrong kind 'layer'"),
        ("orders", "or ders", "wrong function 'or ders'"),
        (":7", ":live", "wrong qualifier 'live'"),
        (":7", ":7\n", "wrong qualifier"),
        ("durable-execution", "execution", "/durable-execution/NAME/ID"),
        ("/e1", "", "/durable-execution/NAME/ID"),
        ("/e1", "/e1/2", "/durable-execution/NAME/ID"),
        ("order-1", "order.1", "wrong execution name 'order.1'"),
        ("/e1", "/", "wrong execution id ''"),
        ("/e1", "/e1\n", "wrong execution id"),
    ],
)
def test_the_first_wrong_part_is_named(changed: str, to: str, says: str) -> None:
    with pytest.raises(ValidationError, match=re.escape(says)):
        parse_execution_arn(ARN.replace(changed, to, 1))


def test_of_a_state() -> None:
    assert state().durable_execution_arn == ARN
    assert state().execution_arn.name == "order-1"
    assert state().durable_execution_arn_typed.id == "e1"
    with pytest.raises(ValidationError, match="not the ARN"):
        _ = state(arn="nonsense").execution_arn
