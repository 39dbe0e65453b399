"""What hangs on a case, read again before it is changed."""

from cases.models.doors import Record


def read_again(record: Record) -> None:
    """Read the stored row under the lock of its case, which stays the instance that is locked."""
    case = record.case
    record.refresh_from_db(from_queryset=type(record).objects.select_for_update())
    record.case = case
