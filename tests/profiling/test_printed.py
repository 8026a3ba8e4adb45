"""What a stranger's file says reaches a terminal as text, and never as a command to it."""

import json
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from profiling.printed import plainly
from simulator.__main__ import main

# What xterm, VTE and the Windows console obey (ECMA-48, sections 8.2 and 9), and the directions of Unicode's annex 9.
COMMANDS = (*map(chr, {*range(32), *range(0x7F, 0xA0)} - {ord("\t"), ord("\n"), ord("\r")}), *"\u202e\u2066")


@given(st.text(st.characters(exclude_categories=["Cs"], exclude_characters='\r"\\') | st.sampled_from(COMMANDS)))
def test_no_character_is_obeyed(text: str):
    """A reader of JSON finds the text in what is written, in which no command is left."""
    written: list[str] = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys.stdout, "write", written.append)
        with plainly():
            sys.stdout.write(text)
    assert not {*written[0]} & {*COMMANDS}
    assert json.loads(f'"{written[0]}"', strict=False) == text


def test_a_name_in_a_call_is_told_as_text(capsys: pytest.CaptureFixture[str], tmp_path: Path):
    """A message repeats the name of a file without its colours, and of a line only what a reader can see."""
    assert main(["check", str(tmp_path / "red\x1b[31m\x9b2J\rblue.yaml")]) == 2
    assert r"red\u001b[31m\u009b2J\u000dblue.yaml" in capsys.readouterr().err
