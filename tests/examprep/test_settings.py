"""Settings as a fresh process reads them."""

import os
import subprocess
import sys

import pytest
from django.conf import settings

PRODUCTION = {"SITE_URL": "https://exam.example", "SECRET_KEY": "k" * 50 + "0123456789abcdefXYZ"}


def manage(*command, data_dir, **env):
    kept = {name: value for name, value in os.environ.items() if name in ("PATH", "HOME")}
    return subprocess.run(
        [sys.executable, "manage.py", *command],
        cwd=settings.BASE_DIR,
        env={**kept, "DATA_DIR": str(data_dir), **env},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_production_needs_a_secret_key(tmp_path):
    result = manage("check", data_dir=tmp_path, SITE_URL="https://exam.example")

    assert result.returncode != 0
    assert "set SECRET_KEY too" in result.stderr


@pytest.mark.parametrize("url", ["exam.example", "http://exam.example"])
def test_production_needs_an_https_address(tmp_path, url):
    result = manage("check", data_dir=tmp_path, **{**PRODUCTION, "SITE_URL": url})

    assert result.returncode != 0
    assert "SITE_URL must look like https://exam.example" in result.stderr


def test_listener_for_others_needs_its_caps(tmp_path):
    open_to_all = {"SMTP_HOST": "0.0.0.0"}

    assert manage("check", data_dir=tmp_path, **open_to_all).returncode == 0
    result = manage("check", data_dir=tmp_path, **open_to_all, SANDBOX_CONNECTIONS="0")

    assert result.returncode != 0
    assert "no cap of the sandbox may be 0" in result.stderr


def test_proxies_are_addresses_or_networks(tmp_path):
    known = {"SANDBOX_PROXIES": "203.0.113.7, 2001:db8::/32"}

    assert manage("check", data_dir=tmp_path, **known).returncode == 0
    result = manage("check", data_dir=tmp_path, SANDBOX_PROXIES="203.0.113.7,balancer")

    assert result.returncode != 0
    assert "SANDBOX_PROXIES: 'balancer' does not appear to be an IPv4 or IPv6 net" in result.stderr


def test_deployment_check_is_clean_under_production_settings(tmp_path):
    result = manage("check", "--deploy", "--fail-level", "WARNING", data_dir=tmp_path, **PRODUCTION)

    assert (result.returncode, result.stderr) == (0, "")
    assert "no issues (0 silenced)" in result.stdout


def test_local_secret_is_made_once_and_private(tmp_path):
    manage("check", data_dir=tmp_path)
    first = (tmp_path / "secret_key").read_text()
    manage("check", data_dir=tmp_path)

    assert len(first) > 50
    assert (tmp_path / "secret_key").read_text() == first
    assert (tmp_path / "secret_key").stat().st_mode & 0o777 == 0o600
