"""The first page as a cold browser gets it: octets over the wire (gzip), requests, origins.

.venv/bin/python -m benchmarks.first_page
"""

import gzip
import os
import re
import tempfile
import urllib.parse
import urllib.request
from pathlib import Path

BUDGET_OCTETS = 60_000
BUDGET_REQUESTS = 8


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        os.environ["DATA_DIR"] = folder
        os.environ["DJANGO_SETTINGS_MODULE"] = "examprep.settings"
        import django  # noqa: PLC0415  (the data folder has to be named first)

        django.setup()
        from benchmarks import serving  # noqa: PLC0415
        from examprep.preparing import prepare  # noqa: PLC0415

        prepare()
        with serving.server("examprep.asgi:application", Path(folder)) as port:
            report(f"http://127.0.0.1:{port}/")


def report(address: str) -> None:
    sizes = {}
    headers, body = fetch(address)
    sizes["/"] = len(headers) + len(body)
    html = body_text(headers, body)
    found = re.findall(r'(?:src|href)="([^"]+)"', re.sub(r"<a [^>]*>", "", html))
    foreign = [url for url in found if urllib.parse.urlsplit(url).netloc]
    for url in sorted(set(found) - set(foreign)):
        headers, body = fetch(urllib.parse.urljoin(address, url))
        sizes[url] = len(headers) + len(body)
    print(f"{'octets':>8}  what")
    for url, size in sizes.items():
        print(f"{size:>8}  {re.sub(r'[.][0-9a-f]{12}[.]', '.', url)}")
    total = sum(sizes.values())
    print(f"{total:>8}  in {len(sizes)} requests (budget {BUDGET_OCTETS} in {BUDGET_REQUESTS})")
    print(f"{len(foreign):>8}  other origins")


def fetch(address: str) -> tuple[bytes, bytes]:
    request = urllib.request.Request(address, headers={"Accept-Encoding": "gzip"})
    with urllib.request.urlopen(request, timeout=10) as response:
        return bytes(response.headers), response.read()


def body_text(headers: bytes, body: bytes) -> str:

    return (gzip.decompress(body) if body[:2] == b"\x1f\x8b" else body).decode()


if __name__ == "__main__":
    main()
