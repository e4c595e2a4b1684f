"""What reaches git from outside, and what it is told on every command line. Data only."""

import os


ALWAYS_KEPT = ("PATH", "TMPDIR")

KEPT_FOR_NETWORK = (
    *("HOME", "XDG_CONFIG_HOME", "XDG_RUNTIME_DIR", "USER", "LOGNAME"),
    *("SSH_AUTH_SOCK", "SSH_AGENT_PID", "GIT_SSH", "GIT_SSH_COMMAND", "GIT_SSH_VARIANT"),
    *("GIT_ASKPASS", "GIT_CONFIG_GLOBAL", "GIT_CONFIG_SYSTEM", "GIT_CONFIG_NOSYSTEM"),
    *("http_proxy", "https_proxy", "all_proxy", "no_proxy"),
    *("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY"),
    *("GIT_SSL_CAINFO", "GIT_SSL_CAPATH", "SSL_CERT_FILE", "SSL_CERT_DIR", "CURL_CA_BUNDLE"),
)

ALWAYS_SET = {
    "GIT_ATTR_NOSYSTEM": "1",
    "GIT_DEFAULT_HASH": "sha1",  # of repositories that are made here; git 3 and settings say otherwise
    "GIT_DEFAULT_REF_FORMAT": "files",
    "GIT_NO_LAZY_FETCH": "1",
    "GIT_NO_REPLACE_OBJECTS": "1",
    "GIT_OPTIONAL_LOCKS": "0",
    "GIT_TEMPLATE_DIR": "",
    "GIT_TERMINAL_PROMPT": "0",
    "LC_ALL": "C",
    "SSH_ASKPASS_REQUIRE": "never",
    "TZ": "UTC",
}

SET_FOR_LOCAL = {
    "GIT_ALLOW_PROTOCOL": "",
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_CONFIG_NOSYSTEM": "1",
}

SET_FOR_NETWORK = {
    "GIT_ALLOW_PROTOCOL": "file:git:http:https:ssh",
    "GIT_HTTP_LOW_SPEED_LIMIT": "1",  # bytes a second: a server that hangs must not hang us for ever
    "GIT_HTTP_LOW_SPEED_TIME": "600",  # seconds
}

CONFIGURATION = (
    "advice.detachedHead=false",
    f"core.attributesFile={os.devnull}",
    f"core.excludesFile={os.devnull}",
    "core.commitGraph=false",  # what is derived from the objects can be forged to hide some
    "core.fsmonitor=false",
    f"core.hooksPath={os.devnull}",
    "core.multiPackIndex=false",
    "core.pager=cat",
    "core.untrackedCache=false",
    "fetch.recurseSubmodules=false",
    "gc.auto=0",
    "log.mailmap=false",
    "log.showSignature=false",
    "maintenance.auto=false",
    "pack.readReverseIndex=false",
    "protocol.ext.allow=never",
    "push.followTags=false",
    "push.gpgSign=false",
    "push.recurseSubmodules=no",
    "submodule.recurse=false",
    "transfer.bundleURI=false",
)
