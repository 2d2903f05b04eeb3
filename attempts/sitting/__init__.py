"""Sitting an exam: its questions, what is saved of them, where one may go, the end."""
