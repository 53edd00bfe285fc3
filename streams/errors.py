"""Errors of the pipeline and its runners."""

from __future__ import annotations

from safety.errors import ClearanceError, Gone


class StreamsError(ClearanceError):
    """Base of what can go wrong between the stages."""

    status, code, title, exit_code = 503, "pipeline", "The pipeline cannot go on", 8


class BrokerError(StreamsError):
    """The broker is not there or refuses; the operator's move. Events wait in the database."""

    code, title = "broker", "The broker is not available"


class BadEvent(StreamsError):
    """Bytes on a topic that are not an event of ours."""

    status, code, title, exit_code = 422, "bad-event", "Not an event", 2


class Withheld(Gone):
    """Shown to nobody while a person looks at a claim about it; it may come back, so it is not gone (RFC 7725)."""

    status, code, title = 451, "withheld", "Withheld for now"
