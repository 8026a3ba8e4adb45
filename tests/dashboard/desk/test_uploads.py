"""What a reader sends is opened, or refused in words that name the file as it was sent."""

from __future__ import annotations

import io
import json
import re
import zipfile
from collections.abc import Callable
from functools import cache
from pathlib import Path

import pytest
from example import EXAMPLE, RECORD
from page_text import texts
from streamlit.testing.v1 import AppTest

from dashboard.desk.cached import workbook_of
from dashboard.desk.desk import SHIPPED
from dashboard.desk.files import bundled
from simulator.output.book.edits import changes_in
from simulator.output.bundle import archive
from simulator.scenario.reading import load, parse
from simulator.scenario.records.measured import MEASUREMENTS

App = Callable[..., AppTest]
TEXT = (SHIPPED / EXAMPLE).read_text(encoding="utf-8")
# A bundle has the results of all trials and a workbook of every month.
SHORT = TEXT.replace("months: 60", "months: 4").replace("trials: 1000", "trials: 0")


@cache
def shared() -> bytes:
    """The bundle of a scenario called Shared."""
    return bundled(parse(SHORT.replace("title: Support copilot", "title: Shared"), SHIPPED))


def sent(app: App, name: str, content: bytes) -> AppTest:
    """The session after one file was uploaded."""
    session = app()
    return session.file_uploader(key="upload:0").upload(name, content).run()


def zipped(files: dict[str, bytes]) -> bytes:
    """A zip file of these files."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as bundle:
        for name, part in files.items():
            bundle.writestr(name, part)
    return content.getvalue()


def refusal(session: AppTest) -> str:
    """All that the table of mistakes says."""
    assert not session.exception
    table = session.table[0].value
    return " ".join(str(cell) for column in table.columns for cell in table[column]).replace("\\", "")


def test_what_was_downloaded_to_share_opens_elsewhere(app: App, home: Path):
    """The zip file with the scenario and its measurements opens as it is, and reads the same numbers."""
    session = sent(app, "shared.zip", shared())
    assert not session.exception
    assert "Shared" in texts(session)
    assert list((home / "scenarios" / MEASUREMENTS).glob("*.json"))


def test_a_bundle_of_which_a_file_was_changed_is_refused(app: App):
    """Though a scenario and its records could be read: the page names the file."""
    content = shared()
    members = archive.unpacked(content, "shared.zip")
    members["scenario.yaml"] += b"# more"
    said = refusal(sent(app, "shared.zip", zipped(members)))
    assert "scenario.yaml was changed" in said
    assert "ask the sender" in said


def test_a_zip_file_of_an_earlier_version_still_opens(app: App):
    """A scenario under its own name, with its records and nothing else."""
    older = {
        "my plan 名.yaml": TEXT.replace("title: Support copilot", "title: Older").encode(),
        f"{MEASUREMENTS}/{RECORD.name}": RECORD.read_bytes(),
    }
    assert "Older" in texts(sent(app, "older.zip", zipped(older)))


def test_what_is_shared_has_two_hashes_and_a_bundle(app: App):
    """Once the reader asks for it; an edited scenario has others."""
    session = app()
    session.session_state["share-open"] = True
    told = texts(session.run())
    opened = load(SHIPPED / EXAMPLE)
    assert f"Numbers `{opened.hash}`, file `{opened.file_hash[:12]}`" in told
    assert [one for one in session.get("download_button") if "Download to share" in one.proto.label]


def test_the_end_of_a_name_may_be_in_capitals(app: App):
    """Some systems write it so."""
    session = sent(app, "SHARED.ZIP", shared())
    assert any("Shared" in text.value for text in session.sidebar.markdown)
    assert "not a measurement record" in refusal(sent(app, "RECORD.JSON", b"{}"))


def test_a_name_that_is_too_long_for_this_disk_takes_no_page_down(app: App, browser: Callable[[str], Path]):
    """Other systems allow more bytes in a name; the draft is listed like any other."""
    browser("mine")
    name = sent(app, f"{'名' * 100}.yaml", TEXT.encode()).query_params["draft"]
    session = app().button(key="drafts").click().run()
    assert not session.exception
    assert session.button(key=f"over:draft:{name}")


@pytest.mark.parametrize(
    "files",
    [
        {"../plan.yaml": b"title: x"},
        {"plan.yaml": b"title: x", "measurements/../../x.json": b"{}"},
        {"plan.yaml": b"title: x", "/etc/x.json": b"{}"},
        {"plan.yaml": b"title: x", "run.sh": b""},
        {"one.yaml": b"title: x", "two.yaml": b"title: y"},
        {"measurements/x.json": b"{}"},
        {"plan.yaml": b"title: x", **{f"measurements/{place}.json": b"{}" for place in range(archive.MOST_MEMBERS)}},
        {},
    ],
    ids=["above", "further above", "absolute", "a program", "two scenarios", "none", "many", "empty"],
)
def test_a_zip_file_with_anything_else_is_refused(app: App, home: Path, files: dict[str, bytes]):
    """Only one scenario and measurements are taken, and nothing is written outside their folder."""
    assert "odd.zip" in refusal(sent(app, "odd.zip", zipped(files)))
    assert not (home / "x.json").exists()


def test_a_zip_file_that_unfolds_to_much_is_refused(app: App, monkeypatch: pytest.MonkeyPatch):
    """A bomb is refused by the size that it announces; one that lies is cut off there."""
    monkeypatch.setattr(archive, "LARGEST_UNPACKED_BYTES", 1_000)
    assert "unfolds to more than" in refusal(sent(app, "bomb.zip", zipped({"plan.yaml": b"0" * 1_001})))


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 nonsense", zipped({"plan.yaml": TEXT.encode()})[:-30]])
def test_a_damaged_zip_file_is_refused_in_words(app: App, content: bytes):
    """A file cut short is answered with a sentence."""
    assert "zip file" in refusal(sent(app, "cut.zip", content))


def test_a_mistake_in_a_record_names_the_file_as_it_was_sent(app: App):
    """The reader knows the file that was sent, and no temporary folder."""
    told = refusal(sent(app, "mine.json", b'{"format": "breakeven-measurement", "version": 2}'))
    assert "mine.json" in told
    assert "record.json" not in told
    assert "/tmp" not in told


CHINESE_REFUSALS = {
    "cut.zip": lambda: shared()[:-30],
    "not.zip": lambda: b"title: x",
    "changed.zip": lambda: zipped({**archive.unpacked(shared(), "x"), "scenario.yaml": b"title: x"}),
    "added.zip": lambda: zipped({**archive.unpacked(shared(), "x"), "run.sh": b""}),
    "odd.zip": lambda: zipped({"plan.yaml": b"title: x", "run.sh": b""}),
    "folder.zip": lambda: zipped({"folder/plan.yaml": b"title: x"}),
    "bare.zip": lambda: zipped({**archive.unpacked(shared(), "x"), "ro-crate-metadata.json": b"{}"}),
    "mine.json": lambda: b"{}",
    "other.json": lambda: b"no record",
    "mine.yaml": lambda: b"\xff\xfe\x00",
}


@pytest.mark.parametrize("name", CHINESE_REFUSALS)
def test_a_refused_upload_is_told_in_chinese(app: App, name: str):
    """Whatever was wrong with it, but for the names of files, formats and what a library says between brackets."""
    session = app(lang="zh")
    said = refusal(session.file_uploader(key="upload:0").upload(name, CHINESE_REFUSALS[name]()).run())
    told = re.sub(r"（.*?）|[\w./-]+\.(zip|json|yaml|sh)|SHA-256|[0-9a-f]{64}|zip|YAML|JSON|Breakeven", "", said)
    assert re.findall("[a-z]{2,}", told) == []


def test_a_refused_file_does_not_stand_in_the_way_of_the_next(app: App):
    """The field is empty again, so that only what is sent next is opened."""
    session = sent(app, "cut.zip", shared()[:-30])
    assert "cut.zip" in refusal(session)
    session = session.file_uploader(key="upload:1").upload("shared.zip", shared()).run()
    assert "Shared" in texts(session)
    assert not session.table


def test_what_is_sent_twice_is_opened_twice_and_no_more(app: App, browser: Callable[[str], Path]):
    """The second upload does not open the first again."""
    folder = browser("mine")
    session = sent(app, "shared.zip", shared())
    session.file_uploader(key="upload:1").upload("shared.zip", shared()).run()
    assert len(list(folder.glob("*.json"))) == 2


def test_an_upload_tells_what_came(app: App):
    """The file that is open, that the bundle is as it was made, and how many measurements came along."""
    said = texts(sent(app, "shared.zip", shared())).replace("\\", "")
    assert "shared.yaml is open. No file in the bundle was changed since it was made. 1 measurement came along." in said


def test_a_bad_file_is_answered_with_its_mistakes(app: App):
    """Each mistake with its line and what to do, and the old plan stays."""
    session = app()
    text = (SHIPPED / EXAMPLE).read_text(encoding="utf-8").replace("currency: USD", "currency: dollars")
    session.file_uploader(key="upload:0").upload("mine.yaml", text.encode()).run()
    assert not session.exception
    problems = session.table[0].value
    assert "dollars" in problems["What is wrong"].iloc[0]
    assert int(problems["Line"].iloc[0]) > 1
    assert session.metric


def test_a_file_that_is_no_text_is_refused_in_words(app: App):
    """Bytes are answered with a sentence, not a traceback."""
    session = app()
    session.file_uploader(key="upload:0").upload("mine.yaml", b"\xff\xfe\x00").run()
    assert not session.exception
    assert "not a text file" in session.table[0].value["What is wrong"].iloc[0]


def test_a_bundle_names_its_records_below_itself(tmp_path: Path):
    """However a plan names its records, a bundle unpacks into its own folder."""
    (tmp_path / "mine.json").write_bytes(RECORD.read_bytes())
    odd = parse(SHORT.replace(f"{MEASUREMENTS}/{RECORD.name}", "mine.json"), tmp_path)
    with zipfile.ZipFile(io.BytesIO(bundled(odd))) as bundle:
        assert f"{MEASUREMENTS}/{RECORD.name}" in bundle.namelist()
        bundle.extractall(tmp_path / "there")
    there = load(tmp_path / "there" / "scenario.yaml")
    assert there.hash == odd.hash
    assert there.assumption_of("tokens_per_second", "classifier").source


def test_a_record_that_ships_is_not_replaced_by_one_that_is_sent(app: App, home: Path):
    """Another record under its name is refused in words."""
    forged = {**json.loads(RECORD.read_text(encoding="utf-8")), "preset": "forged"}
    session = app()
    session = session.file_uploader(key="upload:0").upload(RECORD.name, json.dumps(forged).encode()).run()
    assert not session.exception
    assert (home / "scenarios" / MEASUREMENTS / RECORD.name).read_bytes() == RECORD.read_bytes()
    assert "another record of the same name" in session.table[0].value["What is wrong"].iloc[0]


def test_a_plan_opens_with_the_records_sent_beside_it(app: App):
    """Each as a file of its own."""
    text = TEXT.replace("title: Support copilot", "title: Sent")
    files = [("sent.yaml", text.encode()), (RECORD.name, RECORD.read_bytes())]
    session = app()
    for name, content in files:
        session.file_uploader(key="upload:0").upload(name, content)
    session.run()
    assert not session.exception
    assert "Sent" in texts(session)


def test_the_workbook_that_is_downloaded_carries_the_edits(tmp_path: Path):
    """It is made once for a scenario, and its scenario is the draft as it stands."""
    draft = parse(SHORT, SHIPPED).with_value("plans.team.price", 1450)
    content = workbook_of(draft)
    assert workbook_of(draft) is content
    (tmp_path / "plan.xlsx").write_bytes(content)
    with changes_in(tmp_path / "plan.xlsx") as changes:
        assert (changes.edits, changes.sent.to_yaml()) == ((), draft.to_yaml())


def test_a_good_file_is_opened_and_survives_a_reload(app: App):
    """An upload is a draft from its first moment."""
    session = app()
    text = (SHIPPED / EXAMPLE).read_text(encoding="utf-8").replace("title: Support copilot", "title: My own")
    session.file_uploader(key="upload:0").upload("mine.yaml", text.encode()).run()
    again = app(draft=session.query_params["draft"])
    assert "My own" in texts(again)
