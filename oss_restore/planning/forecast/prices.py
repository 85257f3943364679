"""Custom price lists."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from infra.model.user_files import FileError, read_yaml
from oss_restore.errors import UsageError
from oss_restore.language import gettext as _
from thaw.prices import Mark, Price, Prices, built_in_prices


class OwnPrice(BaseModel):
    """The price of one part of a bill, see ``thaw/prices.json``."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    per: float = Field(gt=0, allow_inf_nan=False)
    mark: Mark
    source: str = ""
    CNY: float | None = Field(default=None, ge=0, allow_inf_nan=False)
    USD: float | None = Field(default=None, ge=0, allow_inf_nan=False)
    note: str = ""


class OwnPrices(BaseModel):
    """A custom price list; parts that it lacks keep their built-in prices."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    noted: str
    sources: Mapping[str, str] = {}
    parts: Mapping[str, OwnPrice]


class InvalidPricesError(UsageError):
    """A custom price list cannot be used."""


def load_prices(own: Path | None = None) -> Prices:
    """Return the built-in price list, with an operator's own prices if given.

    Args:
        own: file with prices that replace built-in ones; it only needs the parts that differ.

    Raises:
        InvalidPricesError: it cannot be read, or a part in it is unknown.
    """
    prices = built_in_prices()
    if own is None:
        return prices
    try:
        own_prices = OwnPrices.model_validate(read_yaml(own))
    except FileError as error:
        raise InvalidPricesError(str(error)) from error
    except ValidationError as error:
        raise InvalidPricesError(
            *(
                _("{file} is not a price list: {reason}").format(
                    file=own,
                    reason=f"{'.'.join(map(str, fault['loc']))}: {fault['msg']}".strip(": "),
                )
                for fault in error.errors()
            )
        ) from error
    if unknown := sorted(own_prices.parts.keys() - prices.parts.keys()):
        raise InvalidPricesError(
            _("{file}: nothing is billed as {parts}").format(file=own, parts=", ".join(unknown))
        )
    changed = {part: Price(**price.model_dump()) for part, price in own_prices.parts.items()}
    return replace(
        prices,
        noted=own_prices.noted,
        sources={**prices.sources, **own_prices.sources},
        parts={**prices.parts, **changed},
    )
