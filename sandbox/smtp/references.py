"""Documents by what they are about, so that a rule survives a new edition of its RFC."""

from dataclasses import dataclass

# A key per subject. When a successor is published, its number changes here and nowhere else.
DOCUMENTS: dict[str, int] = {
    "smtp": 5321,
    "size": 1870,
    "enhanced": 2034,
    "pipelining": 2920,
    "chunking": 3030,
    "starttls": 3207,
    "dsn": 3461,
    "status": 3463,
    "trace": 3848,
    "plain": 4616,
    "auth": 4954,
    "codes": 5248,
    "format": 5322,
    "scram": 5802,
    "8bitmime": 6152,
    "submission": 6409,
    "utf8": 6531,
    "greylisting": 6647,
    "521": 7504,
    "null-mx": 7505,
    "scram-sha-256": 7677,
    "implicit-tls": 8314,
    "limits": 9422,
    "mime": 2045,
    "multipart": 2046,
    "cram-md5": 2195,
    "automatic": 3834,
}


@dataclass(frozen=True, slots=True)
class Ref:
    """`section` is a number ("4.1.1.2") or an appendix letter ("F")."""

    document: str
    section: str

    @property
    def rfc(self) -> int:
        return DOCUMENTS[self.document]

    @property
    def label(self) -> str:
        part = "section" if self.section[0].isdigit() else "appendix"
        return f"RFC {self.rfc} {part} {self.section}"

    @property
    def short(self) -> str:
        return rfc_label(self.rfc, self.section)

    @property
    def url(self) -> str:
        return rfc_url(self.rfc, self.section)


def rfc_label(rfc: int, section: str) -> str:
    sign = "§" if section[:1].isdigit() else "appendix "
    return f"RFC {rfc} {sign}{section}" if section else f"RFC {rfc}"


def rfc_url(rfc: int, section: str = "") -> str:
    url = f"https://www.rfc-editor.org/rfc/rfc{rfc}"
    part = "section" if section[:1].isdigit() else "appendix"
    return f"{url}#{part}-{section}" if section else url
