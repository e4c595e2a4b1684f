"""Which item of a release's checklist a rule speaks to: every rule to exactly one."""

from collections.abc import Mapping


_RULES_OF_ITEM: Mapping[str, str] = {
    "aggregates": "PAT-01 PAT-02 PAT-03 PAT-04 LOG-01 GEO-01",
    "file-types": "TYPE-01 TYPE-02",
    "file-size": "TYPE-03",
    "rows": "TYPE-04",
    "not-for-release": "CODE-01 CODE-02 EMB-06",
    "low-counts": (
        "CNT-01 CNT-02 CNT-03 CNT-06 CNT-07 CNT-09 RAT-01 RAT-03 SUP-01 SUP-02 SUP-03 LOG-02 LOG-03"
    ),
    "rounding": "CNT-04 CNT-05 CNT-08 RAT-02",
    "code-hidden": "EMB-01",
    "nothing-hidden": "EMB-02 EMB-03 EMB-04 EMB-05",
    "file-names": "META-01",
    "earlier-results": "HIS-01 HIS-02 HIS-03 HIS-04 PROV-01 PROV-02 PROV-03",
    "everything-read": "TYPE-05",
}

ITEM_OF_RULE: Mapping[str, str] = {
    rule: item for item, rules in _RULES_OF_ITEM.items() for rule in rules.split()
}
"""By the rule's id."""

BY_PERSON = ("permitted-results", "minimum-outputs", "context", "controls-described")
"""Items about which no program knows anything."""
BY_CHECK = (
    "release-folder",
    "figure-counts",
    "rate-counts",
    "html-stripped",
    "logs",
    "column-names",
)
"""Items that the check decides without any rule."""
DECIDED = frozenset({*_RULES_OF_ITEM, *BY_PERSON, *BY_CHECK})
