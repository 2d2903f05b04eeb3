"""The log of a session: events become rows, rows are stored, and go again."""
