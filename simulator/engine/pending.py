"""What stands for a value that is not known yet, so that a line which does not use it can be computed early."""

from __future__ import annotations

from typing import Any, Final, NoReturn

from numpy.lib.mixins import NDArrayOperatorsMixin


class NotKnown(Exception):
    """A formula has used a value that is not known yet."""


class Pending(NDArrayOperatorsMixin):
    """A value that is not known yet; any use of it raises NotKnown."""

    def __array_ufunc__(self, *_: Any, **__: Any) -> NoReturn:
        raise NotKnown

    def __array_function__(self, *_: Any, **__: Any) -> NoReturn:
        raise NotKnown

    def __array__(self, *_: Any, **__: Any) -> NoReturn:
        raise NotKnown

    def __getitem__(self, _: Any) -> NoReturn:
        raise NotKnown


PENDING: Final = Pending()
