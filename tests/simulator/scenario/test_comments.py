"""Comments travel in the scenario's file: they change no number, and outlive the value that they are about."""

from collections.abc import Callable
from pathlib import Path

import pytest

from simulator.__main__ import main
from simulator.answers.comparing.changes import changes
from simulator.errors import PlanError, ScenarioError
from simulator.scenario.comments import Comment
from simulator.scenario.overlays import parse_overlay
from simulator.scenario.reading import load, parse
from simulator.scenario.scenario import Scenario
from simulator.scenario.shaping.comments import with_comment, without_comment
from simulator.scenario.shaping.members import rekeyed, removed

WHY = Comment("plans.team.price", "A. Investor", "2026-11-27", "Why not 1,200?")
NICE = Comment("", "", "", "Nice: {so far} #1")


def test_a_comment_is_a_line_of_the_file(small: Scenario):
    """Every other line stays, no number changes, and taking it out leaves the file as it was."""
    said = with_comment(with_comment(small, WHY), NICE)
    assert said.comments == (WHY, NICE)
    assert said.text.startswith(small.text.rstrip("\n"))
    assert (said.hash, said.file_hash) != (small.hash, small.file_hash)
    assert said.hash == small.hash
    assert without_comment(without_comment(said, WHY), NICE).text.rstrip() == small.text.rstrip()
    assert parse(said.to_yaml(), small.folder).comments == said.comments


def test_a_comment_outlives_the_value(small: Scenario):
    """It is about the assumption: an edit, a what-if, and another key of the member keep it."""
    said = with_comment(small, WHY)
    edited = said.with_value("plans.team.price", 1200)
    assert parse(edited.to_yaml(), small.folder).comments == (WHY,)
    dear = parse_overlay("overlay: 1\ntitle: Dear\nplans: {team: {price: 500}}\n", "dear.yaml")
    assert parse(said.text, small.folder, overlays=[dear]).comments == (WHY,)
    assert [one.on for one in rekeyed(said, "plan", "team", "crew").comments] == ["plans.crew.price"]


def test_a_comment_on_what_is_gone_stays_with_a_warning(small: Scenario):
    """Removing a plan takes no word out of anybody's mouth."""
    left = removed(with_comment(small, WHY), "plan", "team")
    assert left.comments == (WHY,)
    (told,) = [one for one in left.warnings if one.what.startswith("comments: ")]
    assert told.line > 0


def test_a_comment_on_nothing_is_refused(small: Scenario):
    """Where it is added; and so is one without a word, or one too many."""
    with pytest.raises(PlanError, match="prize is not an assumption"):
        with_comment(small, Comment("plans.team.prize", "", "", "Why?"))
    with pytest.raises(PlanError, match="has no text"):
        with_comment(small, Comment("", "A", "", " "))
    with pytest.raises(PlanError, match="this comment is gone"):
        without_comment(small, WHY)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("comments: Why?", "is not a list"),
        ("comments: [Why?]", "is not a comment"),
        ("comments: [{text: 7}]", "text is not a text"),
        ("comments: [{by: A}]", "has no text"),
        ("comments: [{text: Why?, likes: 3}]", "'likes' is not a field"),
        (f"comments: [{{text: {'x' * 2_001}}}]", "text has 2,001 characters; use at most 2,000"),
        (f"comments: [{', '.join(['{text: x}'] * 501)}]", "at most 500"),
    ],
)
def test_a_mistake_in_a_comment_has_its_line(small: Scenario, text: str, says: str):
    """Like any other mistake in a file."""
    with pytest.raises(ScenarioError, match=says) as error:
        parse(f"{small.text}\n{text}\n", small.folder)
    assert error.value.problems[0].line == len(small.text.splitlines()) + 2


def test_comments_are_a_difference(small: Scenario):
    """Those that were added and those that are gone."""
    there, back = changes(small, with_comment(small, WHY)), changes(with_comment(small, WHY), small)
    said = "A. Investor, 2026-11-27: Why not 1,200?"
    assert [(one.name, one.fields) for one in there.comments] == [("plans.team.price", {"comment": ("", said)})]
    assert [one.fields for one in back.comments] == [{"comment": (said, "")}]
    assert there.count == back.count == 1


def test_the_command_adds_and_lists(file: Callable[..., Path], capsys: pytest.CaptureFixture[str]):
    """A short name of the assumption will do where it is the only one."""
    path = file()
    assert main(["comment", str(path)]) == 0
    assert capsys.readouterr().out == "There are no comments.\n"
    assert main(["comment", str(path), "Is this the law?", "--on", "tax_rate", "--by", "A. Investor"]) == 0
    (said,) = load(path).comments
    assert (said.on, said.by, said.text) == ("tax_rate", "A. Investor", "Is this the law?")
    assert capsys.readouterr().out == f"tax_rate: A. Investor, {said.date}: Is this the law?\n"
    assert main(["comment", str(path), "--on", "tax_rate"]) == 2
    assert "there is no text" in capsys.readouterr().err


def test_a_comment_undoes_nothing_that_somebody_else_wrote(
    small: Scenario, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    """A file that changes while the command reads it stays as it was changed, and the command says so."""
    small.save(path := tmp_path / "plan.yaml")

    def slowly(read: Path) -> Scenario:
        found = load(read)
        with_comment(found, WHY).save(read)
        return found

    monkeypatch.setattr("simulator.commands.sharing.comment.load", slowly)
    assert main(["comment", str(path), "Nice"]) == 2
    assert "somebody else has just changed the file; do it again" in capsys.readouterr().err
    assert (load(path).comments, list(tmp_path.iterdir())) == ((WHY,), [path])
