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
    "status": 3463,
    "trace": 3848,
    "auth": 4954,
    "format": 5322,
    "8bitmime": 6152,
    "utf8": 6531,
    "limits": 9422,
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
