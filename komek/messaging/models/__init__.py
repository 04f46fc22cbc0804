"""Texts on their way out and in, the numbers they come from, and what coordinators do with them."""

from komek.messaging.models.inbound import Inbound, InboundLine, InboundState, LineState, WhyInbox
from komek.messaging.models.numbers import Correspondent, JoinCode, OpenQuestion
from komek.messaging.models.outbox import GatewayPace, Lane, Outbox, Purpose, Receipt, State
from komek.messaging.models.replies import CannedReply

__all__ = [
    "CannedReply",
    "Correspondent",
    "GatewayPace",
    "Inbound",
    "InboundLine",
    "InboundState",
    "JoinCode",
    "Lane",
    "LineState",
    "OpenQuestion",
    "Outbox",
    "Purpose",
    "Receipt",
    "State",
    "WhyInbox",
]
