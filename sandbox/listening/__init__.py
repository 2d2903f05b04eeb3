"""SMTP over TCP: ports, connections, TLS, limits, and whose session it is."""
