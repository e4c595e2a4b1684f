"""What the guide shows for schedules is what cron, systemd and breachkit take."""

import configparser
import re
import shutil
import subprocess
from pathlib import Path

import pytest
import yaml

from breachkit.report.sweep_metrics import to_text
from tests.cli.test_help import parses
from tests.support.swept import sweep_of


GUIDE = Path(__file__).parents[1] / "playbooks" / "guides" / "every-night.md"
PAGE = GUIDE.read_text(encoding="utf-8")
UNITS = re.findall(r"```ini\n(.*?)```", PAGE, re.DOTALL)


def test_the_line_for_cron_has_five_fields_and_a_command_that_parses():
    (line,) = re.findall(r"```cron\n(.*?)\n```", PAGE)
    *fields, command = line.split(maxsplit=5)

    assert len(fields) == 5
    assert all(re.fullmatch(r"[\d*/,-]+", field) for field in fields)
    assert "%" not in command  # which cron takes for the end of a line
    program, arguments = command.split("/breachkit ")
    assert program.startswith("/")  # for cron looks in hardly any folder
    assert parses(f"breachkit {arguments}")


def test_the_units_for_systemd_say_one_thing_each():
    service, timer = (configparser.ConfigParser(strict=True) for _ in UNITS)
    for unit, text in zip((service, timer), UNITS, strict=True):
        unit.optionxform = str  # type: ignore[assignment,method-assign]
        unit.read_string(text)

    program, command = service["Service"]["ExecStart"].split("/breachkit ")
    assert program.startswith("/")
    assert parses(f"breachkit {command}")
    assert timer["Timer"]["OnCalendar"] == "*-*-* 02:17:00"
    assert service["Service"]["Environment"] == "BREACHKIT_HOME=/var/lib/breachkit"
    assert service["Service"]["StateDirectory"] == "breachkit"  # made, private, and its user's
    assert service["Service"]["ProtectSystem"] == "strict"
    (report,) = re.findall(r"--report metrics=(\S+)/[^/\s]+", service["Service"]["ExecStart"])
    assert service["Service"]["ReadWritePaths"] == report


def test_the_alerts_ask_for_metrics_and_labels_that_a_sweep_writes():
    (rules,) = re.findall(r"```yaml\n(groups:.*?)```", PAGE, re.DOTALL)
    told = to_text(sweep_of())
    asked = [rule["expr"] for group in yaml.safe_load(rules)["groups"] for rule in group["rules"]]

    assert len(asked) == 3
    for expression in asked:
        (name,) = re.findall(r"breachkit_\w+", expression)
        labels = re.findall(r'(\w+)=~?"([^"]+)"', expression)
        wanted = [f'{label}="{value}"' for label, values in labels for value in values.split("|")]
        lines = [line for line in told.splitlines() if line.startswith(f"{name}{{")]
        assert lines
        assert [each for each in wanted if not any(each in line for line in lines)] == []


@pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="systemd is not on this machine")
def test_systemd_itself_takes_the_units(tmp_path):
    for name, text in zip(("service", "timer"), UNITS, strict=True):
        here = re.sub(r"^(User|ExecStart)=.*$", "", text, flags=re.MULTILINE)
        here = here.replace("Type=oneshot", "Type=oneshot\nExecStart=/bin/true")
        (tmp_path / f"breachkit-sweep.{name}").write_text(here)
    units = sorted(map(str, tmp_path.iterdir()))
    done = subprocess.run(["systemd-analyze", "verify", *units], check=False, capture_output=True)
    assert b"breachkit-sweep" not in done.stderr, done.stderr.decode()
