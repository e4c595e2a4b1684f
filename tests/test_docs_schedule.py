"""What the guide shows for schedules is what cron, systemd and breachkit take."""

import configparser
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.cli.test_help import parses


GUIDE = Path(__file__).parents[1] / "playbooks" / "guides" / "every-night.md"
PAGE = GUIDE.read_text(encoding="utf-8")
UNITS = re.findall(r"```ini\n(.*?)```", PAGE, re.DOTALL)


def test_the_line_for_cron_has_five_fields_and_a_command_that_parses():
    (line,) = re.findall(r"```cron\n(.*?)\n```", PAGE)
    *fields, command = line.split(maxsplit=5)

    assert len(fields) == 5
    assert all(re.fullmatch(r"[\d*/,-]+", field) for field in fields)
    assert "%" not in command  # which cron takes for the end of a line
    assert parses(command)


def test_the_units_for_systemd_say_one_thing_each():
    service, timer = (configparser.ConfigParser(strict=True) for _ in UNITS)
    for unit, text in zip((service, timer), UNITS, strict=True):
        unit.optionxform = str  # type: ignore[assignment,method-assign]
        unit.read_string(text)

    program, command = service["Service"]["ExecStart"].split("/breachkit ")
    assert program.startswith("/")
    assert parses(f"breachkit {command}")
    assert timer["Timer"]["OnCalendar"] == "*-*-* 02:17:00"


@pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="systemd is not on this machine")
def test_systemd_itself_takes_the_units(tmp_path):
    for name, text in zip(("service", "timer"), UNITS, strict=True):
        here = re.sub(r"^(User|ExecStart)=.*$", "", text, flags=re.MULTILINE)
        here = here.replace("Type=oneshot", "Type=oneshot\nExecStart=/bin/true")
        (tmp_path / f"breachkit-sweep.{name}").write_text(here)
    units = sorted(map(str, tmp_path.iterdir()))
    done = subprocess.run(["systemd-analyze", "verify", *units], check=False, capture_output=True)
    assert b"breachkit-sweep" not in done.stderr, done.stderr.decode()
