"""Lines to copy: how to reach the sandbox with programs of the learner's own. Pure."""

from dataclasses import dataclass

ACCOUNT, PASSWORD = "casey@lab.example", "Spring-Tide-42"


@dataclass(frozen=True, slots=True)
class Place:
    """Where the server listens; a port that is not bound is 0. `token` "" if there is none."""

    host: str
    smtp: int
    submission: int = 0
    smtps: int = 0
    token: str = ""

    @property
    def name(self) -> str:
        """What a program says in EHLO; the token in it tells whose session it is."""
        return f"{self.token}.sandbox.test" if self.token else "laptop.example"


@dataclass(frozen=True, slots=True)
class Recipe:
    """`says` is what the lines show, `lines` is ready to be pasted into a shell."""

    slug: str
    says: str
    lines: str


@dataclass(frozen=True, slots=True)
class Program:
    name: str
    about: str
    recipes: tuple[Recipe, ...]


def programs(place: Place) -> tuple[Program, ...]:
    return (_swaks(place), _openssl(place), _curl(place), _python(place), _telnet(place))


def _swaks(place: Place) -> Program:
    names = f"--ehlo {place.name} \\\n  --from {ACCOUNT} --to robin@lab.example"
    line = f"swaks --server {place.host}:{place.smtp} {names}"
    recipes = [
        Recipe("swaks", "One message", line),
        Recipe("swaks-tls", "The same under TLS", f"{line} --tls"),
    ]
    if place.submission:
        line = (
            f"swaks --server {place.host}:{place.submission} {names} \\\n"
            f"  --tls --auth PLAIN --auth-user {ACCOUNT} --auth-password {PASSWORD}"
        )
        recipes.append(Recipe("swaks-auth", "Submission: TLS, then a login", line))
    return Program("swaks", "sends a whole message and shows every line", tuple(recipes))


def _openssl(place: Place) -> Program:
    recipes = [
        Recipe(
            "openssl-starttls",
            "Upgrades with STARTTLS, then you type; -quiet lets QUIT and RCPT through",
            f"openssl s_client -connect {place.host}:{place.smtp} -starttls smtp \\\n"
            f"  -name {place.name} -crlf -quiet",
        )
    ]
    if place.smtps:
        recipes.append(
            Recipe(
                "openssl-implicit",
                "TLS from the first octet, as on port 465",
                f"openssl s_client -connect {place.host}:{place.smtps} -crlf -quiet",
            )
        )
    return Program("openssl s_client", "types under TLS", tuple(recipes))


def _curl(place: Place) -> Program:
    line = (
        f"printf 'Subject: Hello\\n\\nHello Robin\\n' | \\\n"
        f"  curl smtp://{place.host}:{place.smtp}/{place.name} --crlf --upload-file - \\\n"
        f"  --mail-from {ACCOUNT} --mail-rcpt robin@lab.example"
    )
    tls = f"{line} \\\n  --ssl-reqd --insecure"
    return Program(
        "curl",
        "speaks SMTP too; the path of the address is its EHLO name",
        (
            Recipe("curl", "One message", line),
            Recipe("curl-tls", "Under TLS; the certificate here is its own witness", tls),
        ),
    )


def _python(place: Place) -> Program:
    line = (
        "python3 - <<'END'\n"
        "import smtplib\n"
        f'with smtplib.SMTP("{place.host}", {place.smtp}, "{place.name}") as server:\n'
        "    server.set_debuglevel(1)\n"
        f'    server.sendmail("{ACCOUNT}", "robin@lab.example",\n'
        '                    "Subject: Hello\\n\\nHello Robin\\n")\n'
        "END"
    )
    return Program("Python", "smtplib, in the standard library", (Recipe("python", "", line),))


def _telnet(place: Place) -> Program:
    return Program(
        "telnet, nc",
        "you type each line yourself, and wait for each answer",
        (
            Recipe("telnet", f"Then type: EHLO {place.name}", f"telnet {place.host} {place.smtp}"),
            Recipe(
                "nc", "-C ends lines with CR LF, as SMTP asks", f"nc -C {place.host} {place.smtp}"
            ),
        ),
    )
