import dataclasses
import re

import pytest

from breachkit.model.findings import Attribution, Skipped
from breachkit.model.ids import GitPath, RefName
from breachkit.report import json_v1, jsonl
from breachkit.report.masking import Masking
from tests.support import results
from tests.support.reports import every_format


RESULT = results.named_after_a_patient()


def bare_digits(text):
    return re.sub(r"[\s._\\-]|<!-- -->", "", text)


@pytest.mark.parametrize("name", every_format(RESULT))
def test_a_number_in_a_name_that_is_evidence_is_in_no_report(name):
    text = every_format(RESULT)[name]

    assert results.NUMBER.decode() not in bare_digits(text)
    assert "943-476" not in text


def test_the_masked_path_still_tells_where_to_look():
    finding, other, archived = json_v1.to_json(RESULT, tool_version="1")["findings"]

    assert finding["paths"] == ["old/####-##-## ###-###-####.csv", "output/patient_##########.csv"]
    assert other["paths"] == finding["paths"]
    assert archived["path"] == "archive/##########.csv"
    assert archived["location"]["part"] == "in/##########.csv"
    assert finding["path_b64"] is None
    assert finding["refs"] == ["refs/heads/fix-##########"]


def test_exact_bytes_of_an_undecodable_masked_path_are_not_given():
    path = b"\xff/" + results.NUMBER + b".csv"
    result = results.result(results.finding(1, path, masked_path=True))

    assert json_v1.to_json(result, tool_version="1")["findings"][0]["path_b64"] is None


def test_a_number_in_other_digits_is_the_same_number():
    wide = "".join(chr(ord(digit) + 0xFEE0) for digit in results.NUMBER.decode())
    masking = Masking.of(RESULT)

    assert masking.mask(f"out/{wide}.csv".encode()) == b"out/##########.csv"


def test_a_name_that_is_evidence_is_masked_though_its_object_could_not_be_read():
    path = b"output/patient_" + results.NUMBER + b".csv"
    ref = b"refs/heads/patient-12345"
    place = Attribution(paths=(GitPath(b"a.csv"),), refs=(RefName(ref),), reach="branch")
    result = dataclasses.replace(
        results.result(
            results.finding(1, attribution=place),
            skipped=(Skipped(reason="blob missing", path=GitPath(path)),),
        ),
        telling_names=(path, ref),
    )

    for text in every_format(result).values():
        assert results.NUMBER.decode() not in text
        assert "12345" not in text


def test_a_hexadecimal_pseudonym_is_masked_with_its_letters():
    pseudonym = b"3fa9c0de71b2aa45"
    result = results.result(
        results.finding(1, b"out/patient_id_" + pseudonym + b".csv", masked_path=True),
        results.finding(2, b"copy/" + pseudonym.upper() + b".csv"),
    )

    for text in every_format(result).values():
        assert pseudonym.decode() not in text.lower()
        assert "fa#c" not in text
        assert "copy/################.csv" in text.replace("%23", "#").replace("\\#", "#")


ID = results.object_id(7)


def test_object_ids_in_names_of_refs_and_in_complaints_are_left_out_for_people():
    place = Attribution(
        paths=(GitPath(b"out/t.csv"),),
        refs=(RefName(f"refs/tags/fetched/{ID}".encode()), RefName(b"refs/tags/v-0a1b2c3")),
        reach="tag",
    )
    skipped = (
        Skipped(reason=f"git: object file .git/objects/{ID[:2]}/{ID[2:]} is empty"),
        Skipped(reason=f"git: missing blob {ID}"),
    )
    result = results.result(results.finding(1, attribution=place), skipped=skipped)

    for name, text in every_format(result).items():
        shown = ID in text, ID[2:] in text, "0a1b2c3" in text
        assert shown == ((True,) * 3 if name in {"json", "jsonl"} else (False,) * 3)


def test_a_path_that_looks_like_an_id_is_shown_as_it_is():
    path = f"cache/{ID}.csv".encode()

    assert Masking.of(results.result()).mask(path) == path


def test_names_without_the_number_are_shown_as_they_are():
    masking = Masking.of(RESULT)

    for path in (b"output/2020-01-31/table_2.csv", b"released/n_12045.csv", b"\xff9.csv"):
        assert masking.mask(path) == path
        assert not masking.hides(path)


def test_nothing_is_masked_where_no_name_is_evidence():
    masking = Masking.of(results.result(results.finding(1, b"a/9434765919.csv")))

    assert masking.mask(b"a/9434765919.csv") == b"a/9434765919.csv"


@pytest.mark.parametrize(
    ("target", "shown"),
    [
        ("https://x-access-token:ghs_abc@example.org/a/b.git", "https://***@example.org/a/b.git"),
        ("ssh://git@example.org/a.git", "ssh://***@example.org/a.git"),
        ("https://example.org/a@b", "https://example.org/a@b"),
        ("/srv/a@b", "/srv/a@b"),
        ("owner/name", "owner/name"),
    ],
)
def test_a_target_is_shown_without_who_logs_in(target, shown):
    assert Masking.of(results.result()).target(target) == shown


SAMPLES = (RESULT, results.hostile(), results.result(results.finding(1)))


def object_ids(result):
    for finding in result.findings:
        place = finding.attribution
        yield from filter(None, (finding.object_id, place.first_commit, place.last_commit))
    yield from (skipped.object_id for skipped in result.skipped)


@pytest.mark.parametrize("name", ["sarif", "markdown", "csv", "text"])
def test_no_report_for_people_shows_an_object_id_or_an_abbreviated_one(name):
    for result in SAMPLES:
        text = every_format(result)[name]

        assert not [each for each in object_ids(result) if each[:7] in text]


def test_json_and_lines_do_show_object_ids():
    result = results.result(results.finding(1))

    for text in (
        json_v1.to_bytes(result, tool_version="1").decode(),
        "".join(jsonl.lines(result, tool_version="1")),
    ):
        assert results.object_id(0xB10B0001) in text
