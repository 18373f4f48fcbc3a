"""The kinds of events, one class each; a module that is put here is found by itself.

`sim.model.base_event` says which parts a kind has, and `sim.model.event_registry` refuses one that lacks any.
"""

import operator
import sys
from functools import reduce
from typing import TYPE_CHECKING, Annotated, Final

from pydantic import Field

from sim.model.base_event import BaseEvent
from sim.model.event_registry import event_kinds

EVENT_KINDS: Final = event_kinds(sys.modules[__name__])
"""The class of each kind, in the order of lists and documents."""

if TYPE_CHECKING:
    Event = BaseEvent
else:
    Event = Annotated[reduce(operator.or_, EVENT_KINDS.values()), Field(discriminator="kind")]
    """Any event; its ``kind`` says which."""
