"""A session to look at: its rows as lines, its messages, what there is to learn from it."""
