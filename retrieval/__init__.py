"""Affetto: find sound by how it feels.

The public names are loaded when they are first used, so that importing the package is free.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from retrieval.describe import Description, Fitting
    from retrieval.errors import RetrievalError
    from retrieval.library import Library
    from retrieval.query import Answer, Hit, Wanted
    from retrieval.records import Recognition
    from retrieval.space import Head, Heads, Layer, Space

_HOMES = {
    "Answer": "query",
    "Description": "describe",
    "Fitting": "describe",
    "Head": "space",
    "Heads": "space",
    "Hit": "query",
    "Layer": "space",
    "Library": "library",
    "Recognition": "records",
    "RetrievalError": "errors",
    "Space": "space",
    "Wanted": "query",
}

__all__ = [
    "Answer",
    "Description",
    "Fitting",
    "Head",
    "Heads",
    "Hit",
    "Layer",
    "Library",
    "Recognition",
    "RetrievalError",
    "Space",
    "Wanted",
]


def __getattr__(name: str) -> Any:
    if name in _HOMES:
        return getattr(import_module(f"retrieval.{_HOMES[name]}"), name)
    raise AttributeError(f"module 'retrieval' has no attribute {name!r}")
