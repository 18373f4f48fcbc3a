"""The kinds of events, one class each; any module in this package is found automatically.

`sim.model.base_event` defines the parts of a kind, and `sim.model.event_registry` refuses an incomplete one.
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
