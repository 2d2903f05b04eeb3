import socket

import pytest


@pytest.mark.parametrize(
    ("family", "address"),
    [
        (socket.AF_INET, ("192.0.2.1", 25)),
        (socket.AF_INET, ("198.51.100.7", 443)),
        (socket.AF_INET6, ("2001:db8::25", 25, 0, 0)),
    ],
)
def test_no_test_reaches_another_machine(family, address):
    with socket.socket(family) as sock, pytest.raises(PermissionError, match="have no network"):
        sock.connect(address)


def test_this_machine_can_be_reached():
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        with socket.create_connection(("127.0.0.1", port), timeout=5) as client:
            assert client.getpeername() == ("127.0.0.1", port)
