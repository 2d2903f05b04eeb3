import shlex

import pytest

from sandbox.programs import Place, programs

TOKEN = "abcd1234efgh5678"


def lines_of(place):
    return {recipe.slug: recipe.lines for each in programs(place) for recipe in each.recipes}


def test_lines_name_host_and_port_and_nobody():
    lines = lines_of(Place("127.0.0.1", 2525))

    assert list(lines) == [
        "swaks",
        "swaks-tls",
        "openssl-starttls",
        "curl",
        "curl-tls",
        "python",
        "telnet",
        "nc",
    ]
    assert lines["telnet"] == "telnet 127.0.0.1 2525"
    assert shlex.split(lines["swaks"].replace("\\\n", "")) == [
        *("swaks", "--server", "127.0.0.1:2525", "--ehlo", "laptop.example"),
        *("--from", "casey@lab.example", "--to", "robin@lab.example"),
    ]


def test_ports_that_are_open_bring_lines_of_their_own():
    lines = lines_of(Place("127.0.0.1", 2525, submission=2587, smtps=2465))

    assert "127.0.0.1:2587" in lines["swaks-auth"]
    assert "127.0.0.1:2465" in lines["openssl-implicit"]


@pytest.mark.parametrize("slug", ["swaks", "openssl-starttls", "curl", "python"])
def test_token_is_in_the_name_that_the_program_says(slug):
    lines = lines_of(Place("mx.example", 25, token=TOKEN))

    assert f"{TOKEN}.sandbox.test" in lines[slug]
