"""Statements: written, sent, answered, disputed, accepted."""
