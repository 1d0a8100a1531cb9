"""A one-way connection between a trader and the exchange."""

from collections.abc import Callable
from typing import Generic, TypeVar

T = TypeVar("T")


class Wire(Generic[T]):
    """Without latency, sending is the delivery itself: a direct call, no event."""

    __slots__ = ("send",)

    def __init__(self, deliver: Callable[[T], None]) -> None:
        self.send = deliver
