"""The example of a file of settings: it says what there is, and changes nothing until somebody does."""

from breachkit.actions.own_settings import EVERYWHERE, SETTINGS


_HEAD = """\
# Your own defaults for breachkit. A value on the command line comes first, then one of the
# environment, then this file. `breachkit config show --origin` says what is in force and why.
#
# A line counts once its # is taken away. What acts (--execute, --confirm), names a person (--by) or
# leaves something out cannot stand here, nor can tokens and passwords: they are said each time.
"""
_VALUES = {
    "playbooks": '"~/playbooks/ours"',
    "github-api": '"https://github.example.org/api/v3"',
    "policy": '"auto"',
    "smtp": '"mail.example.org"',
    "user": '"jo"',
    "password-file": '"~/.config/breachkit/mail-password"',
    "ca-file": '"/etc/ssl/certs/ours.pem"',
    "workers": "2",
    "strict": "true",
    "unreachable": "true",
    "verbose": "1",
    "quiet": "true",
}
"""Those that several commands have."""
_OF_COMMANDS = {
    "scan": {"format": '"markdown"', "workers": "4"},
    "sweep": {"store": '"/srv/breachkit/sweeps"', "disk": '"20GB"', "budget": '"4h"'},
    "log.stamp": {"tsa": '"https://tsa.example.org"'},
}


def example() -> str:
    """Give the text of the file, in which every line is a comment or empty."""
    parts = [_HEAD, f"# [{EVERYWHERE}]"]
    parts += [f"# {name} = {value}   # {SETTINGS[name]}" for name, value in _VALUES.items()]
    for table, values in _OF_COMMANDS.items():
        parts += ["", f"# [{table}]"]
        parts += [f"# {name} = {value}   # {SETTINGS[name]}" for name, value in values.items()]
    return "\n".join(parts) + "\n"
