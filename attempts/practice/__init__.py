"""Practice: choosing what to be asked, and how much of each topic has been met."""
