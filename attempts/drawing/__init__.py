"""Which questions a form holds: its blueprint, what it may choose from, the choice."""
