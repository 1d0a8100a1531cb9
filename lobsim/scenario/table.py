"""What all tables of a scenario are made of: a base, and the kinds of numbers.

A range stands before the validator that reads the number, where pydantic finds it for editors too.
"""

from decimal import Decimal
from functools import partial
from typing import Annotated

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, PlainSerializer

from lobsim.scenario.numbers import number, whole


class Table(BaseModel):
    """Base of all tables.  Unknown keys are errors: a typing slip must not pass for a default.

    The docstring of a key is what editors show of it (`lobsim schema`).
    """

    model_config = ConfigDict(extra="forbid", frozen=True, use_attribute_docstrings=True)


ToJson = PlainSerializer(float, return_type=float, when_used="json")
Real = Annotated[Decimal, BeforeValidator(number), ToJson]
Positive = Annotated[
    Decimal, Field(gt=0), BeforeValidator(partial(number, allowed="above 0")), ToJson
]
NotNegative = Annotated[
    Decimal, Field(ge=0), BeforeValidator(partial(number, allowed="0 or more")), ToJson
]
AtLeastOne = Annotated[
    Decimal, Field(ge=1), BeforeValidator(partial(number, allowed="1 or more")), ToJson
]
Fraction = Annotated[
    Decimal,
    Field(gt=0, le=1),
    BeforeValidator(partial(number, allowed="above 0, at most 1")),
    ToJson,
]
Share = Annotated[
    Decimal, Field(gt=0, lt=1), BeforeValidator(partial(number, allowed="above 0, below 1")), ToJson
]
Chance = Annotated[
    Decimal, Field(ge=0, le=1), BeforeValidator(partial(number, allowed="from 0 to 1")), ToJson
]
Correlation = Annotated[
    Decimal, Field(ge=-1, le=1), BeforeValidator(partial(number, allowed="from -1 to 1")), ToJson
]
Whole = Annotated[int, BeforeValidator(whole)]
Count = Annotated[int, Field(ge=0), BeforeValidator(partial(whole, low=0))]
Lots = Annotated[int, Field(ge=1), BeforeValidator(partial(whole, low=1))]
