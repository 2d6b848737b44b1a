"""Updates as random clients send them: legal ones and illegal ones."""

from __future__ import annotations

from typing import Final

from hypothesis import strategies as st

from perdure.models.update import OperationUpdate
from service.world import BOOM, callback, cancel, chained, context, step, wait

_IDS: Final = st.sampled_from(["a", "b", "c", "d", "e"])
_CONTEXTS: Final = st.sampled_from(["k1", "k2", "k3"])
_PARENTS: Final = st.one_of(st.none(), _CONTEXTS, st.sampled_from(["k1", "a"]))
_ERRORS: Final = st.sampled_from([None, None, BOOM])
_PAYLOADS: Final = st.sampled_from([None, "1"])
_ANY_UPDATE: Final[st.SearchStrategy[OperationUpdate]] = st.one_of(
    st.builds(
        step,
        st.sampled_from(["START", "SUCCEED", "FAIL", "RETRY"]),
        _IDS,
        delay=st.sampled_from([None, 1, 3]),
        payload=_PAYLOADS,
        error=_ERRORS,
        parent=_PARENTS,
    ),
    st.builds(step, st.just("START"), _IDS, parent=_PARENTS),
    st.builds(step, st.just("RETRY"), _IDS, delay=st.integers(1, 5)),
    st.builds(wait, st.integers(1, 5), st.sampled_from(["w1", "w2", "w3"]), _PARENTS),
    st.builds(cancel, st.sampled_from(["w1", "w2", "w3"])),
    st.builds(
        context,
        st.sampled_from(["START", "START", "SUCCEED", "FAIL"]),
        _CONTEXTS,
        parent=_PARENTS,
        replay_children=st.sampled_from([None, True, False]),
    ),
    st.builds(
        callback,
        st.sampled_from(["b1", "b2"]),
        timeout=st.sampled_from([0, 4]),
        heartbeat=st.sampled_from([0, 3]),
        parent=_PARENTS,
    ),
    st.builds(
        chained,
        st.sampled_from(["child", "short", "plain", "nobody", "arn:x"]),
        st.sampled_from(["i1", "i2"]),
        parent=_PARENTS,
    ),
)
BATCHES: Final = st.lists(_ANY_UPDATE, max_size=3)
"""Up to three updates of any kind."""
