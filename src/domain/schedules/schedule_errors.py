"""What can go wrong with schedules."""

from __future__ import annotations

from ..errors import PostdateError


class ScheduleNotFoundError(PostdateError):
    """No schedule has this id: it never existed, or it was deleted.

    Attributes:
        schedule_id: the id that was looked for.
    """

    def __init__(self, schedule_id: str) -> None:
        """Builds a sentence that shows the id, shortened."""
        super().__init__(f"no schedule has the id {schedule_id!r:.80}")
        self.schedule_id = schedule_id


class ScheduleEndedError(PostdateError):
    """A schedule was to be paused or resumed that has no occurrence left.

    Attributes:
        schedule_id: whose end it is.
    """

    def __init__(self, schedule_id: str) -> None:
        """Builds a sentence that names the schedule."""
        super().__init__(f"schedule {schedule_id} has ended")
        self.schedule_id = schedule_id


class InvalidCronError(PostdateError):
    """A cron expression that cannot be read, or never comes true.

    Attributes:
        cron: what was given, shortened.
        reason: why it is refused, as the end of a sentence.
    """

    def __init__(self, cron: str, reason: str) -> None:
        """Builds a sentence that shows the expression and the reason."""
        super().__init__(f"{cron!r:.80} {reason}")
        self.cron = cron
        self.reason = reason


class NoOccurrenceError(PostdateError):
    """A schedule without an occurrence between its start, or now, and its end.

    Attributes:
        cron: its expression, shortened.
    """

    def __init__(self, cron: str) -> None:
        """Builds a sentence with the expression."""
        super().__init__(f"{cron!r:.80} does not come true between its start, or now, and its end")
        self.cron = cron
