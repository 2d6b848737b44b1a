"""Building frozen wire shapes at the price of ordinary ones.

A frozen dataclass sets every field through a guard, which quadruples the cost of making
one, and the operations of a long history are made before user code runs. So a record is
filled in as a draft, an unfrozen twin with the same slots, and then sealed by giving it
the class of the model. Nobody else ever holds the draft.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields, make_dataclass
from typing import Any, TypeVar, cast

from .fields import WireModel

M = TypeVar("M", bound=WireModel)


def draft_of(model: type[M]) -> Callable[..., M]:
    """A class to be called like `model`, with every field by position.

    Set ``draft.__class__ = model`` on what it returns before handing it on.
    """
    names = [field.name for field in fields(cast("Any", model))]
    twin: Any = make_dataclass(
        f"{model.__name__}Draft", names, bases=(WireModel,), slots=True, eq=False, repr=False
    )
    return cast("Callable[..., M]", twin)
