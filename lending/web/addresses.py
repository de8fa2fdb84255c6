"""What may stand in an address."""

from werkzeug.routing import IntegerConverter


class RowNumber(IntegerConverter):
    """A row's number as the database can hold it: a longer one is an address that is not there."""

    regex = r"\d{1,18}"
