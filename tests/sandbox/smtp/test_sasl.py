"""AUTH exchanges, against the examples that the RFCs print and against smtplib."""

import base64
import smtplib
import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sandbox.smtp.sasl import MECHANISMS, Ask, Challenge, Verdict, cram_md5_digest, start
from sandbox.smtp.scram import scram_proof

CASEY = "casey@lab.example"
SECRET = "Spring-Tide-42"
BAD = Verdict("auth.bad")


def begin(mechanism, seed="seed"):
    return start(mechanism, host="mx.lab.example", seed=seed, at=7_000_000, number=1)


def b64(text):
    return base64.b64encode(text.encode() if isinstance(text, str) else text).decode()


def plain(text):
    exchange = begin("PLAIN")
    answer = exchange.begin(b64(text))
    return exchange.given(SECRET) if isinstance(answer, Ask) else answer


def test_mechanisms_stand_strongest_first():
    assert MECHANISMS == ("SCRAM-SHA-256", "CRAM-MD5", "PLAIN", "LOGIN")


def test_plain_with_its_initial_response_asks_for_the_secret():
    exchange = begin("PLAIN")

    assert exchange.begin("AGNhc2V5QGxhYi5leGFtcGxlAFNwcmluZy1UaWRlLTQy") == Ask(CASEY)
    assert (exchange.mechanism, exchange.user, exchange.step) == ("PLAIN", CASEY, 1)
    assert exchange.given(SECRET) == Verdict("auth.ok")


def test_plain_without_initial_response_gets_an_empty_challenge():
    exchange = begin("PLAIN")

    assert exchange.begin(None) == Challenge("")
    assert (exchange.user, exchange.step) == ("", 0)
    assert exchange.take("AGNhc2V5QGxhYi5leGFtcGxlAFNwcmluZy1UaWRlLTQy") == Ask(CASEY)


def test_plain_of_rfc_4954_names_the_same_identity_twice():
    exchange = begin("PLAIN")

    assert exchange.begin("dGVzdAB0ZXN0ADEyMzQ=") == Ask("test")
    assert exchange.given("1234") == Verdict("auth.ok")


@pytest.mark.parametrize(
    ("message", "verdict"),
    [
        ("\0casey@lab.example\0Spring-Tide-42", Verdict("auth.ok")),
        ("\0casey@lab.example\0Spring-Tide-43", BAD),
        ("\0casey@lab.example\0spring-tide-42", BAD),
        ("\0casey@lab.example\0Spring-Tide-42\n", Verdict("auth.bad", "line-feed")),
        ("\0casey@lab.example\0Spring-Tide-42\r\n", Verdict("auth.bad", "line-feed")),
        ("casey@lab.example:Spring-Tide-42", Verdict("auth.bad", "plain-colon")),
        ("Spring-Tide-42", Verdict("auth.bad", "plain-no-nul")),
        ("", Verdict("auth.bad", "plain-no-nul")),
        ("casey@lab.example\0Spring-Tide-42", Verdict("auth.bad", "plain-one-nul")),
        ("\0casey@lab.example\0Spring\0Tide", Verdict("auth.bad", "plain-nuls")),
        ("\0\0Spring-Tide-42", Verdict("auth.bad", "plain-empty")),
        ("\0casey@lab.example\0", Verdict("auth.bad", "plain-empty")),
        ("Ursel\0Kurt\0xipj3plmq", Verdict("auth.bad", "authzid")),  # RFC 4616 section 4
    ],
)
def test_plain_verdicts(message, verdict):
    assert plain(message) == verdict


def test_command_inside_an_exchange_is_a_response():
    """QUIT is good base64: it means three octets, and no NUL among them."""
    exchange = begin("PLAIN")
    exchange.begin(None)

    assert exchange.take("QUIT") == Verdict("auth.bad", "plain-no-nul")


def test_login_asks_for_name_and_password():
    exchange = begin("LOGIN")

    assert exchange.begin(None) == Challenge("VXNlcm5hbWU6")
    assert exchange.take("Y2FzZXlAbGFiLmV4YW1wbGU=") == Challenge("UGFzc3dvcmQ6")
    assert (exchange.user, exchange.step) == (CASEY, 1)
    assert exchange.take("U3ByaW5nLVRpZGUtNDI=") == Ask(CASEY)
    assert exchange.given(SECRET) == Verdict("auth.ok")


def test_login_takes_its_initial_response_for_the_name():
    exchange = begin("LOGIN")

    assert exchange.begin("Y2FzZXlAbGFiLmV4YW1wbGU=") == Challenge("UGFzc3dvcmQ6")
    assert exchange.take("d3Jvbmc=") == Ask(CASEY)
    assert exchange.given(SECRET) == BAD


@pytest.mark.parametrize(("name", "secret"), [(CASEY + "\n", SECRET), (CASEY, SECRET + "\n")])
def test_login_tells_a_line_feed_of_echo(name, secret):
    exchange = begin("LOGIN")
    exchange.begin(b64(name))
    exchange.take(b64(secret))

    known = SECRET if exchange.user == CASEY else None

    assert exchange.given(known) == Verdict("auth.bad", "line-feed")


def test_cram_md5_of_rfc_2195():
    challenge = b"<1896.697170952@postoffice.reston.mci.net>"

    digest = cram_md5_digest(b"tanstaaftanstaaf", challenge)

    assert digest == b"b913a602c7eda7a495b4e6e7334d3890"


def cram_md5(response_of):
    exchange = begin("CRAM-MD5")
    challenge = base64.b64decode(exchange.begin(None).text)
    answer = exchange.take(b64(response_of(challenge)))
    return exchange.given(SECRET) if isinstance(answer, Ask) else answer


@pytest.mark.parametrize(
    ("response_of", "verdict"),
    [
        (lambda challenge: b"casey " + cram_md5_digest(b"Spring-Tide-42", challenge), "auth.ok"),
        (lambda challenge: b"casey " + cram_md5_digest(b"Spring-Tide-43", challenge), "auth.bad"),
        (lambda challenge: b"casey " + cram_md5_digest(b"Spring-Tide-42", b"<1@x>"), "auth.bad"),
    ],
)
def test_cram_md5_compares_the_digest(response_of, verdict):
    assert cram_md5(response_of) == Verdict(verdict)


@pytest.mark.parametrize("response", ["", "casey", "casey b913", "casey " + "B" * 32, " " * 33])
def test_cram_md5_response_is_a_name_and_32_hex_digits(response):
    assert cram_md5(lambda _: response) == Verdict("auth.malformed", "cram-md5")


def test_cram_md5_challenge_is_a_message_id_of_this_host():
    challenge = base64.b64decode(begin("CRAM-MD5").begin(None).text).decode()

    digits, rest = challenge[1:].split(".", 1)
    assert challenge.startswith("<")
    assert digits.isdecimal()
    assert rest == "7000000@mx.lab.example>"


@pytest.mark.parametrize("initial", ["", "=", "Y2FzZXk="])
def test_cram_md5_wants_no_initial_response(initial):
    assert begin("CRAM-MD5").begin(initial) == Verdict("auth.unasked")


def test_scram_of_rfc_7677():
    exchanged = (
        b"n=user,r=rOprNGfwEbeRWgbNEkqO,"
        b"r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,"
        b"s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096,"
        b"c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0"
    )

    proof, signature = scram_proof(
        b"pencil", base64.b64decode("W22ZaJ0SNY7soEsUEjb6gQ=="), 4096, exchanged
    )

    assert b64(proof) == "dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ="
    assert b64(signature) == "6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4="


def scram(
    *, header="n,,", name="casey", nonce="abc", binding=None, nonce_added="", secret="pencil"
):
    """A client of its own, up to and including its proof; the secret the server has is pencil."""
    exchange = begin("SCRAM-SHA-256")
    bare = f"n={name},r={nonce}"
    answer = exchange.begin(b64(header + bare))
    if not isinstance(answer, Challenge):
        return exchange, answer
    first = base64.b64decode(answer.text).decode()
    fields = dict(field.split("=", 1) for field in first.split(","))
    unproven = f"c={b64(header) if binding is None else binding},r={fields['r']}{nonce_added}"
    proof, _ = scram_proof(
        secret.encode(),
        base64.b64decode(fields["s"]),
        int(fields["i"]),
        f"{bare},{first},{unproven}".encode(),
    )
    return exchange, exchange.take(b64(f"{unproven},p={b64(proof)}"))


@pytest.mark.parametrize("header", ["n,,", "y,,", "n,a=casey,"])
def test_scram_ends_with_the_servers_signature_and_an_empty_line(header):
    exchange, answer = scram(header=header)

    final = exchange.given("pencil")

    assert answer == Ask("casey")
    assert base64.b64decode(final.text).startswith(b"v=")
    assert exchange.take("") == Verdict("auth.ok")
    assert exchange.step == 3


def test_scram_first_challenge_extends_the_clients_nonce():
    exchange = begin("SCRAM-SHA-256")

    assert exchange.begin(None) == Challenge("")
    challenge = base64.b64decode(exchange.take(b64("n,,n=casey,r=abc")).text).decode()

    nonce, salt, iterations = challenge.split(",")
    assert nonce.startswith("r=abc")
    assert len(nonce) == 2 + 3 + 24
    assert len(base64.b64decode(salt.removeprefix("s="))) == 16
    assert iterations == "i=4096"


def test_scram_name_is_unescaped():
    exchange, answer = scram(name="a=2Cb=3Dc")

    assert answer == Ask("a,b=c")


@pytest.mark.parametrize(
    ("client", "verdict"),
    [
        ({"secret": "pencils"}, BAD),
        ({"header": "p=tls-unique,,"}, Verdict("auth.bad", "channel-binding")),
        ({"header": "n,a=robin,"}, Verdict("auth.bad", "authzid")),
        ({"binding": "eSws"}, Verdict("auth.bad", "channel-binding")),  # "y,," although n was sent
        ({"nonce_added": "x"}, Verdict("auth.bad", "scram-nonce")),
        ({"header": "x,,"}, Verdict("auth.malformed", "scram")),
        ({"header": "n,"}, Verdict("auth.malformed", "scram")),
        ({"header": "n,,m=x,"}, Verdict("auth.malformed", "scram")),
        ({"name": ""}, Verdict("auth.malformed", "scram")),
        ({"name": "a=b"}, Verdict("auth.malformed", "scram")),
        ({"nonce": ""}, Verdict("auth.malformed", "scram")),
        ({"nonce": "x" * 257}, Verdict("auth.malformed", "scram")),
    ],
)
def test_scram_verdicts(client, verdict):
    exchange, answer = scram(**client)

    assert (exchange.given("pencil") if isinstance(answer, Ask) else answer) == verdict


@pytest.mark.parametrize("response", ["", "c=biws", "c=biws,r=abc", "p=eA==", "c=biws,p=eA=="])
def test_scram_final_message_needs_binding_nonce_and_proof(response):
    exchange = begin("SCRAM-SHA-256")
    exchange.begin(b64("n,,n=casey,r=abc"))

    assert exchange.take(b64(response)) == Verdict("auth.malformed", "scram")


def test_scram_answer_to_the_signature_is_empty():
    exchange, _ = scram()
    exchange.given("pencil")

    assert exchange.take("eA==") == Verdict("auth.malformed", "scram")


def test_scram_challenge_fits_a_reply_line():
    exchange = begin("SCRAM-SHA-256")

    challenge = exchange.begin(b64("n,,n=casey,r=" + "x" * 256))

    assert len(f"334 {challenge.text}\r\n") <= 512


@pytest.mark.parametrize("mechanism", MECHANISMS)
def test_star_cancels_every_exchange(mechanism):
    exchange = begin(mechanism)
    exchange.begin(None)

    assert exchange.take("*") == Verdict("auth.cancelled")


@pytest.mark.parametrize("mechanism", MECHANISMS)
@pytest.mark.parametrize(
    ("line", "case"),
    [
        ("Y2FzZXk", "padding"),
        ("Y2FzZXk==", "padding"),
        ("=", "padding"),
        ("A===", "alphabet"),
        ("casey@lab.example", "alphabet"),
        ("Y2Fz ZXk=", "alphabet"),
        ("Y2Fz\nZXk=", "alphabet"),
        ("Y2FzZXk=\n", "alphabet"),
        ("Y2_z", "alphabet"),
        ("Y2\xe5z", "alphabet"),
    ],
)
def test_base64_is_taken_strictly(mechanism, line, case):
    exchange = begin(mechanism)
    exchange.begin(None)

    assert exchange.take(line) == Verdict("auth.base64", case)


def test_bad_base64_in_an_initial_response_is_refused_too():
    assert begin("PLAIN").begin("casey:secret") == Verdict("auth.base64", "alphabet")


@pytest.mark.parametrize("mechanism", ["PLAIN", "LOGIN", "CRAM-MD5", "SCRAM-SHA-256"])
def test_unknown_user_is_checked_like_a_wrong_secret(mechanism):
    known, unknown = at_the_ask(mechanism), at_the_ask(mechanism)

    assert calls_of(lambda: unknown.given(None)) >= calls_of(lambda: known.given("wrong"))


def at_the_ask(mechanism):
    exchange = begin(mechanism)
    if mechanism == "SCRAM-SHA-256":
        return scram()[0]
    if mechanism == "PLAIN":
        exchange.begin(b64("\0casey\0pencil"))
    elif mechanism == "LOGIN":
        exchange.begin(b64("casey"))
        exchange.take(b64("pencil"))
    else:
        exchange.begin(None)
        exchange.take(b64("casey " + "0" * 32))
    return exchange


def calls_of(deed):
    """Function calls, Python's and C's, that the deed makes."""
    count = 0

    def tally(_frame, event, _argument):
        nonlocal count
        count += event in ("call", "c_call")

    sys.setprofile(tally)
    try:
        deed()
    finally:
        sys.setprofile(None)
    return count


@pytest.mark.parametrize("mechanism", MECHANISMS)
def test_unknown_user_is_refused(mechanism):
    assert at_the_ask(mechanism).given(None) == BAD


def test_same_session_replays_alike():
    def talk(seed):
        return [
            begin("CRAM-MD5", seed).begin(None),
            begin("SCRAM-SHA-256", seed).begin(b64("n,,n=casey,r=abc")),
        ]

    assert talk("seed") == talk("seed")
    assert all(one != other for one, other in zip(talk("seed"), talk("other"), strict=True))


def test_second_exchange_of_a_session_has_a_challenge_of_its_own():
    first, second = (
        start("CRAM-MD5", host="mx.lab.example", seed="seed", at=7, number=number).begin(None)
        for number in (1, 2)
    )

    assert first != second


@pytest.mark.parametrize(
    ("mechanism", "lines", "line", "user"),
    [
        ("PLAIN", [], b64("\0casey\0pencil"), "casey"),
        ("PLAIN", [], b64("robin\0casey\0pencil"), "casey"),
        ("PLAIN", [], b64("casey:pencil"), "casey"),
        ("PLAIN", [], b64("casey\0pencil"), "casey"),
        ("PLAIN", [], b64("pencil"), ""),
        ("PLAIN", [], "=", ""),
        ("PLAIN", [], "casey:pencil", ""),
        ("LOGIN", [], b64("casey"), "casey"),
        ("LOGIN", [b64("casey")], b64("pencil"), "casey"),
        ("LOGIN", [b64("casey")], "pencil in clear", "casey"),
        ("CRAM-MD5", [], b64("casey " + "0" * 32), "casey"),
        ("CRAM-MD5", [], b64("casey"), ""),
        ("SCRAM-SHA-256", [], b64("n,,n=casey,r=abc"), "casey"),
        ("SCRAM-SHA-256", [], b64("casey"), ""),
        ("SCRAM-SHA-256", [b64("n,,n=casey,r=abc")], b64("c=biws,r=abc,p=eA=="), "casey"),
    ],
)
def test_peek_tells_whose_secret_a_line_carries(mechanism, lines, line, user):
    exchange = begin(mechanism)
    exchange.begin(None)
    for earlier in lines:
        exchange.take(earlier)
    before = (exchange.user, exchange.step)

    assert exchange.peek_user(line) == user
    assert (exchange.user, exchange.step) == before


def test_names_that_cannot_be_are_made_harmless():
    exchange = begin("LOGIN")

    exchange.begin(b64(b"ca\0sey\xff\r\n"))

    assert exchange.user == "ca\ufffdsey\ufffd\ufffd\ufffd"


@pytest.mark.parametrize("mechanism", MECHANISMS)
def test_exchange_shows_no_secret(mechanism):
    exchange = at_the_ask(mechanism)
    shown = repr(exchange)

    exchange.given("pencil")

    assert "pencil" not in shown
    assert "pencil" not in repr(vars(exchange))


def client_of(user, secret):
    client = smtplib.SMTP()
    client.user, client.password = user, secret
    return client


def test_strings_of_smtplib():
    client = client_of(CASEY, SECRET)
    challenge = b"<1896.697170952@postoffice.reston.mci.net>"
    tim = client_of("tim", "tanstaaftanstaaf")

    assert client.auth_plain() == "\0casey@lab.example\0Spring-Tide-42"
    assert plain(client.auth_plain()) == Verdict("auth.ok")
    assert client.auth_login() == CASEY
    assert tim.auth_cram_md5(challenge) == "tim b913a602c7eda7a495b4e6e7334d3890"
    assert cram_md5(client.auth_cram_md5) == Verdict("auth.ok")


SMALL = settings(max_examples=150, deadline=None, derandomize=True, database=None)
responses = st.one_of(
    st.text(max_size=40),
    st.binary(max_size=40).map(b64),
    st.lists(
        st.sampled_from(["n,,", "y,,", "n=casey", ",", "r=abc", "c=biws", "p=eA==", "\0", " ", "="])
    ).map(lambda pieces: b64("".join(pieces))),
)


@SMALL
@given(
    st.sampled_from(MECHANISMS),
    st.one_of(st.none(), responses),
    st.lists(responses, max_size=3),
    st.sampled_from([None, "", "pencil", "ø"]),
)
def test_hostile_responses_raise_nothing(mechanism, initial, lines, secret):
    exchange = begin(mechanism)
    exchange.peek_user(initial or "")
    answer = exchange.begin(initial)
    for line in lines:
        exchange.peek_user(line)
        if isinstance(answer, Ask):
            answer = exchange.given(secret)
        if isinstance(answer, Verdict):
            break
        answer = exchange.take(line)

    assert isinstance(answer, Challenge | Ask | Verdict)


LONGEST = 12_288 // 4 * 3


@pytest.mark.parametrize("mechanism", MECHANISMS)
@pytest.mark.parametrize(
    "octets",
    [b"\0" * LONGEST, b":" * LONGEST, b"=2C" * (LONGEST // 3), b" " * LONGEST,
     b"n,,n=" + b"=2C" * 3000 + b",", b"n,,n=x,r=x" + b",a=x" * 2000 + b",",
     b"c=" + b"A" * 9000, b"c=x,r=x" + b",a=x" * 2000],
    ids=lambda octets: repr(octets[:8]),
)  # fmt: skip
def test_longest_responses_are_judged_at_once(mechanism, octets):
    """A pattern that tries the same octets again and again would take minutes for these."""
    exchange = begin(mechanism)
    exchange.begin(None)
    exchange.take(b64("n,,n=casey,r=abc"))

    answer = exchange.take(b64(octets))

    assert isinstance(answer, Ask | Verdict | Challenge)
    assert isinstance(exchange.take("A" * 12_288), Ask | Verdict | Challenge)
