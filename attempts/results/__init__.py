"""What came out of an attempt, what to do next, and looking back at its questions."""
