"""The files of the practice study that disclose nothing: what must be the same afterwards."""

from breachkit.drill.fastimport import Person


ADA = Person(name="Ada Hartley", email="ada.hartley@example.org")
BEN = Person(name="Ben Okafor", email="ben.okafor@example.org")
CHEN = Person(name="Chen Li", email="chen.li@example.org")
BOT = Person(name="codelist-bot[bot]", email="41+codelist-bot[bot]@users.noreply.example.org")
PLATFORM = Person(name="web-flow", email="noreply@example.org")
CO_AUTHOR = "Co-authored-by: Dilys Morgan <dilys.morgan@example.org>"

RELEASE_SUBJECT = "Released from /srv/level4/workspaces/asthma-reviews by ochecker"
RELEASE_TRAILER = (
    "Opensafely-released-from: drill.example.org:/srv/level4/workspaces/asthma-reviews "
)
"""Subject and trailer that the release tool of the time wrote. Source: opensafely-core/osrelease."""

README = b"""# Asthma reviews in England

How many people with asthma had their annual review, by age and region, in 2021.

* `analysis/`: the code that runs inside the secure environment
* `codelists/`: what counts as asthma, and what counts as a review
* `released_outputs/`: tables that output checkers have released
"""

GITIGNORE = b"""/output/*
*/input.csv
metadata/*
__pycache__/
"""

PROJECT = b"""version: "3.0"

expectations:
  population_size: 1000

actions:
  extract_cohort:
    run: cohortextractor:latest generate_cohort --study-definition study_definition
    outputs:
      highly_sensitive:
        cohort: output/input.csv
"""

PROJECT_WITH_TABLES = (
    PROJECT
    + b"""
  make_tables:
    run: python:latest python analysis/tables.py
    needs: [extract_cohort]
    outputs:
      moderately_sensitive:
        tables: output/table_*.csv
"""
)

STUDY_DEFINITION = b'''"""Who is in the study."""

from cohortextractor import StudyDefinition, codelist_from_csv, patients

asthma = codelist_from_csv("codelists/asthma.csv", system="snomed", column="code")

study = StudyDefinition(
    index_date="2021-01-01",
    population=patients.satisfying("registered AND has_asthma"),
    registered=patients.registered_as_of("index_date"),
    has_asthma=patients.with_these_clinical_events(asthma, on_or_before="index_date"),
)
'''

STUDY_DEFINITION_WITH_REGION = STUDY_DEFINITION.replace(
    b"    has_asthma=patients",
    b'    region=patients.registered_practice_as_of("index_date", returning="nuts1_region_name"),\n'
    b"    has_asthma=patients",
)

AGE_BANDS = b'''"""Bands of age, as every table uses them."""

BANDS = {"18-39": (18, 39), "40-59": (40, 59), "60-79": (60, 79), "80+": (80, 120)}


def band(age):
    """Give the band that an age falls in."""
    return next(name for name, (low, high) in BANDS.items() if low <= age <= high)
'''

TABLES = b'''"""Count reviews by region and age."""

import pandas as pd

from age_bands import band

cohort = pd.read_csv("output/input.csv")
cohort["age_band"] = cohort["age"].map(band)
table = cohort.groupby(["region", "age_band"]).size().reset_index(name="patients")
table.to_csv("output/table_total.csv", index=False)
'''

TABLES_ROUNDED = TABLES.replace(
    b"table.to_csv",
    b'table["patients"] = 5 * (table["patients"] / 5).round().astype(int)\ntable.to_csv',
)

PLOTS = b'''"""Draw the rates."""

import matplotlib.pyplot as plt
import pandas as pd

table = pd.read_csv("output/table_total.csv")
table.plot.bar(x="region", y="patients", legend=False)
plt.ylabel("People with a review")
plt.savefig("output/rates.svg")
'''

PLOTS_WITH_PALETTE = PLOTS.replace(b"legend=False)", b'legend=False, colormap="viridis")')

PLOTS_LABELLED = PLOTS.replace(b'plt.ylabel("People', b'plt.xlabel("Region")\nplt.ylabel("People')

REPORT = b"""# Draft report

Reviews fell in the spring of 2021 and recovered by the summer, in every region.
The table of totals is `released_outputs/output/table_total.csv`.
"""

REPORT_FINAL = (
    REPORT.replace(b"# Draft report", b"# Report")
    + b"""
## Limits

Practices record reviews in different ways; telephone reviews may be missing.
"""
)

RUN_ALL = b"""#!/bin/sh
# Everything that can run on a laptop.
python analysis/tables.py && python analysis/plots.py
"""

MEETING = """# Meeting, 12 July

Zo\u00eb asks for the palette that people with colour blindness can read.
""".encode()

OUTPUTS_GUIDE = b"""# Outputs

Counts are rounded to the nearest 5. Counts of 5 or fewer are marked as redacted.
"""

CODELIST = b"""code,term
195967001,Asthma
370218001,Mild asthma
370219009,Moderate asthma
"""

CODELIST_LONGER = (
    CODELIST
    + b"""370221004,Severe asthma
"""
)

CODELIST_INDEX = b"""{"files": [{"id": "example/asthma/2021-01", "path": "asthma.csv"}]}
"""

CODELIST_INDEX_LATER = CODELIST_INDEX.replace(b"2021-01", b"2021-09")

RELEASED_INDEX = b"""# Table of contents

* [table_total.csv](output/table_total.csv)
"""

RELEASED_TOTALS = b"""region,patients
North East,14530
North West,38215
London,41960
South West,27405
East of England,33790
"""


def released_index(*names: str) -> bytes:
    """Give the index of `released_outputs/` with further files in it."""
    lines = (f"* [{name}](output/{name})\n" for name in names)
    return RELEASED_INDEX + "".join(lines).encode()
