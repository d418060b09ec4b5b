"""The results of a batch as clients see them. `BatchResults` writes this JSON without making instances."""

from __future__ import annotations

from typing import Annotated

import msgspec
from msgspec import UNSET, Meta, UnsetType

from ...problems.problem import Problem


class BatchResultView(msgspec.Struct, forbid_unknown_fields=True):
    """The result of one message: its `id`, or the `problem` for which it was rejected."""

    id: str | UnsetType = UNSET
    replayed: bool | UnsetType = UNSET
    problem: Problem | UnsetType = UNSET


class BatchResultsView(msgspec.Struct):
    """The results of a batch, in the order of its messages."""

    accepted: int
    rejected: int
    results: list[
        Annotated[
            BatchResultView,
            Meta(
                extra_json_schema={
                    "oneOf": [{"required": ["id"]}, {"required": ["problem"]}],
                    "dependentRequired": {"replayed": ["id"]},
                }
            ),
        ]
    ]
