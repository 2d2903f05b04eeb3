"""Labs: read from files, played by a server of their own, marked on what was said on the wire."""
