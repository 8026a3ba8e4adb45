"""Models of every family are built, initialised, saved and read."""

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import families
import pytest
import torch
import torch.utils.deterministic
from transformers import AutoModelForSequenceClassification, LlamaForCausalLM

from profiling.data import batches
from profiling.errors import UnsupportedError, WorkloadError
from profiling.hardware import device
from profiling.models import models
from profiling.workload.workload import Data, Workload

CPU = torch.device("cpu")


@pytest.fixture
def tainted_memory() -> Iterator[None]:
    """Fill uninitialised memory with NaN, or with the largest integer."""
    torch.use_deterministic_algorithms(True)
    torch.utils.deterministic.fill_uninitialized_memory = True
    yield
    torch.use_deterministic_algorithms(False)


@pytest.fixture
def offline(monkeypatch: pytest.MonkeyPatch) -> None:
    """Make the hub unreachable."""
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)


def is_written(tensor: torch.Tensor) -> bool:
    if tensor.is_floating_point():
        return bool(torch.isfinite(tensor).all())
    return tensor.dtype == torch.bool or bool((tensor != torch.iinfo(tensor.dtype).max).all())


@pytest.mark.usefixtures("tainted_memory")
@pytest.mark.parametrize("name", families.FAMILIES)
def test_every_weight_and_buffer_is_initialised(name: str) -> None:
    """No weight or buffer keeps the content of the memory that was allocated for it."""
    model = models.build(families.workload(name), CPU)
    left = [name for name, tensor in [*model.named_parameters(), *model.named_buffers()] if not is_written(tensor)]
    assert left == []


@pytest.mark.usefixtures("tainted_memory")
@pytest.mark.parametrize("name", families.FAMILIES)
def test_fewer_bits_are_the_same_weights_rounded(name: str) -> None:
    """Results in bfloat16 are compared with float32, so the random weights must not depend on the precision."""
    built = []
    for dtype in (torch.float32, torch.bfloat16):
        torch.manual_seed(3)
        built.append(models.build(families.workload(name), CPU, dtype).state_dict())
    assert all(torch.equal(full.to(built[1][key].dtype), built[1][key]) for key, full in built[0].items())


def test_a_layer_is_cast_before_the_next_one_is_allocated(monkeypatch: pytest.MonkeyPatch) -> None:
    """At most one layer is in float32 at a time, and no weight outside the layers has memory yet."""
    seen, draw = [], models._draw

    def drawn(layer: torch.nn.Module, owner: object, device: torch.device, dtype: torch.dtype) -> None:
        draw(layer, owner, device, dtype)
        seen.append({weight.dtype for weight in owner.parameters() if not weight.is_meta})

    monkeypatch.setattr(models, "_draw", drawn)
    models.build(families.workload("llama"), CPU, torch.bfloat16)
    assert seen
    assert all(found == {torch.bfloat16} for found in seen)


@pytest.mark.usefixtures("tainted_memory")
def test_tainted_memory_would_be_seen() -> None:
    """The fixture of the tests above does find an uninitialised weight."""
    model = models.unplaced(families.workload("bert")).to_empty(device=CPU)
    assert not any(is_written(tensor) for tensor in model.parameters())


@pytest.mark.parametrize("name", families.FAMILIES)
def test_a_batch_gives_a_loss_and_logits(name: str) -> None:
    """Every task gives logits, and a loss where the batch has labels."""
    workload = families.workload(name)
    model, batch = models.build(workload, CPU), next(batches.of(workload, workload.cases[0]))
    answer = model(**batch)
    assert torch.isfinite(answer.loss)
    assert answer.logits.shape[0] == len(batch["labels"])
    if workload.purpose != "speech":  # its decoder has to be given what to say
        assert model(**batches.inputs(batch)).loss is None


@pytest.mark.parametrize("name", ["bert", "gpt2", "whisper", "resnet", "encoder", "mlp"])
def test_the_count_is_that_of_the_model_that_is_built(name: str) -> None:
    """The count needs no memory for weights."""
    workload = families.workload(name)
    assert models.parameters(workload) == sum(weight.numel() for weight in models.build(workload, CPU).parameters())


def test_own_types_have_the_parameters_of_their_formula() -> None:
    """An encoder has 4d² + 2df weights a layer, their biases and two norms; two tables; one head."""
    d, f, layers, vocab, positions, labels = 32, 64, 2, 600, 64, 3
    layer = (4 * d * d + 4 * d) + (2 * d * f + f + d) + 2 * 2 * d
    encoder = (vocab + positions) * d + layers * layer + labels * (d + 1)
    assert models.parameters(families.workload("encoder")) == encoder
    assert models.parameters(families.workload("mlp")) == (4 + 1) * 16 + (16 + 1) * 2
    assert models.parameters(families.workload("linear")) == 4 + 1


@pytest.mark.parametrize("name", ["bert", "gpt2", "vit", "encoder", "mlp"])
def test_a_saved_model_comes_back_from_its_folder(name: str, tmp_path: Path) -> None:
    """Every weight is read back from safetensors."""
    workload = families.workload(name)
    saved = models.build(workload, CPU)
    saved.save_pretrained(tmp_path)
    read = models.build(replace(workload, model={"path": str(tmp_path)}), CPU)
    ours, theirs = saved.state_dict(), read.state_dict()
    assert ours.keys() == theirs.keys()
    assert all(torch.equal(ours[name], theirs[name]) for name in ours)


@pytest.mark.parametrize("saved", [False, True])
def test_positions_far_into_a_text_keep_their_angles_in_few_bits(saved: bool, tmp_path: Path) -> None:
    """Transformers reads weights in bfloat16, and keeps the frequencies of rotary positions in float32."""
    workload = families.workload("llama")
    own = models.build(workload, CPU)
    own.save_pretrained(tmp_path)
    expected = LlamaForCausalLM.from_pretrained(tmp_path, dtype=torch.bfloat16)
    if saved:
        workload = replace(workload, model={"path": str(tmp_path)})
    found = models.build(workload, CPU, torch.bfloat16)
    assert {weight.dtype for weight in found.parameters()} == {torch.bfloat16}
    frequencies = [dict(one.named_buffers())["model.rotary_emb.inv_freq"] for one in (found, expected)]
    assert torch.equal(*frequencies)
    if saved:
        text = torch.arange(64)[None] % expected.config.vocab_size
        assert torch.equal(found.eval()(text).logits, expected.eval()(text).logits)


def test_weights_that_a_library_packed_are_refused(tmp_path: Path) -> None:
    """Cast to 16 bits without their scales, they would be other weights."""
    workload = families.workload("llama")
    models.build(workload, CPU).save_pretrained(tmp_path)
    config = json.loads((tmp_path / "config.json").read_text())
    (tmp_path / "config.json").write_text(json.dumps({**config, "quantization_config": {"quant_method": "fp8"}}))
    with pytest.raises(UnsupportedError, match="its weights are stored as fp8; measure it with `serve`"):
        models.build(replace(workload, model={"path": str(tmp_path)}), CPU)


def reading(**place: object) -> Workload:
    """Return a workload of a BERT that is read from a place."""
    return replace(families.workload("bert"), model={name: str(value) for name, value in place.items()})


def four_classes(folder: Path) -> Data:
    """Write texts of four classes, and return the data."""
    (folder / "mine.csv").write_text("text,label\n" + "\n".join(f"text {place},{place % 4}" for place in range(20)))
    return Data("csv", str(folder / "mine.csv"))


def test_weights_in_a_pickle_are_refused(tmp_path: Path) -> None:
    """Reading a pickle would run its code."""
    model = models.build(families.workload("bert"), CPU)
    model.save_pretrained(tmp_path)
    (tmp_path / "model.safetensors").unlink()
    torch.save(model.state_dict(), tmp_path / "pytorch_model.bin")
    with pytest.raises(WorkloadError, match=r"needs config.json and model.safetensors"):
        models.build(reading(path=tmp_path), CPU)


@pytest.mark.parametrize(
    ("name", "content", "why"),
    [
        ("model.safetensors", b"half a down", "needs config.json and model.safetensors.*header too"),
        ("config.json", b'{"model_type": "bert", "hidden_size": "x"}', "'hidden_size' expected int, got str"),
    ],
)
def test_a_file_of_a_saved_model_that_is_damaged_is_told_with_its_folder(
    tmp_path: Path, name: str, content: bytes, why: str
) -> None:
    """A download that was cut off has half of the weights."""
    models.build(families.workload("bert"), CPU).save_pretrained(tmp_path)
    (tmp_path / name).write_bytes(content)
    with pytest.raises(WorkloadError, match=rf"{tmp_path.name} cannot be read; .*{why}"):
        models.build(reading(path=tmp_path), CPU)


def test_memory_that_ends_while_weights_are_read_is_no_damage(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The case then says that it ran out of memory."""
    models.build(families.workload("bert"), CPU).save_pretrained(tmp_path)

    def full(*_: object, **__: object) -> None:
        raise RuntimeError("DefaultCPUAllocator: can't allocate memory: you tried to allocate 80 GB")

    monkeypatch.setattr(models.CLASSES["text"], "from_pretrained", full)
    with pytest.raises(RuntimeError, match="can't allocate memory") as caught:
        models.build(reading(path=tmp_path), CPU)
    assert device.ran_out_of_memory(caught.value)


def test_code_beside_a_model_is_not_run(tmp_path: Path) -> None:
    """A config that names its own class is refused, and the file of the class is not read."""
    (tmp_path / "config.json").write_text(json.dumps({"model_type": "mine", "auto_map": {"AutoConfig": "mine.Config"}}))
    (tmp_path / "mine.py").write_text("raise SystemExit('was run')")
    with pytest.raises(WorkloadError, match="cannot be read"):
        models.unplaced(reading(path=tmp_path))


def test_a_folder_without_a_config_is_named(tmp_path: Path) -> None:
    """The error names the folder, and what writes a config."""
    with pytest.raises(WorkloadError, match=r"has no config\.json; name a folder made by save_pretrained"):
        models.unplaced(reading(path=tmp_path))


@pytest.mark.usefixtures("offline")
def test_an_unreachable_hub_is_reported_with_advice(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The error says what failed, where, and what to do instead."""
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(tmp_path))
    with pytest.raises(WorkloadError, match="acme/bert cannot be fetched from the hub; check the name and the network"):
        models.unplaced(reading(hub="acme/bert"))


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"model_type": "no-such"}, "no-such"),
        ({"num_attention_heads": 5}, "cannot be built"),
        ({"model_type": "whisper"}, "cannot be built"),
        ({"intermediate_size": -5}, "bert cannot be built .*negative dimension -5.*; change its config"),
        ({"intermediate_size": "x"}, "'intermediate_size' expected int, got str"),
    ],
)
def test_a_config_that_makes_no_model_is_refused(changes: dict[str, object], words: str) -> None:
    """The error has transformers' reason."""
    workload = families.workload("bert")
    with pytest.raises(WorkloadError, match=words):
        models.unplaced(replace(workload, model={"config": {**workload.model["config"], **changes}}))


def test_a_config_has_as_many_labels_as_its_data_has_classes(tmp_path: Path) -> None:
    """With another number a class would be missing, or would never be right."""
    workload = families.workload("bert", data=four_classes(tmp_path))
    with pytest.raises(WorkloadError, match="num_labels 3, and the data 4 classes; set num_labels to 4"):
        models.build(workload, CPU)


def test_a_saved_body_gets_a_head_for_the_classes_of_the_data(tmp_path: Path) -> None:
    """The body keeps the saved weights."""
    saved = models.build(families.workload("bert"), CPU)
    saved.save_pretrained(tmp_path / "model")
    read = models.build(replace(reading(path=tmp_path / "model"), data=four_classes(tmp_path)), CPU)
    assert read.classifier.weight.shape[0] == 4
    assert torch.equal(read.bert.embeddings.word_embeddings.weight, saved.bert.embeddings.word_embeddings.weight)


@pytest.mark.parametrize("precision", [torch.float32, torch.bfloat16])
def test_a_saved_body_is_read_in_the_bits_that_it_runs_in(
    precision: torch.dtype, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The weights of a large classifier take no more memory on their way; its new head is the same in any precision."""
    models.build(families.workload("bert"), CPU).bert.save_pretrained(tmp_path)
    reader, read = AutoModelForSequenceClassification.from_pretrained, list[torch.dtype]()

    def noted(*place: object, dtype: torch.dtype, **options: object) -> object:
        read.append(dtype)
        return reader(*place, dtype=dtype, **options)

    monkeypatch.setattr(AutoModelForSequenceClassification, "from_pretrained", noted)
    heads = []
    for dtype in (torch.float32, precision):
        torch.manual_seed(5)
        heads.append(models.build(reading(path=tmp_path), CPU, dtype).classifier.weight.detach())
    assert read == [torch.float32, precision]
    assert torch.equal(heads[0].to(precision), heads[1])
    assert heads[0].std() > 0


def test_counted_attention_of_the_encoder_gives_the_same_answer() -> None:
    """Eager attention gives the same numbers as fused attention."""
    workload = families.workload("encoder")
    batch = batches.inputs(next(batches.of(workload, workload.cases[0])))
    fused = models.build(workload, CPU).eval()
    eager = models.build(replace(workload, attention="eager"), CPU).eval()
    eager.load_state_dict(fused.state_dict())
    before = torch.backends.mha.get_fastpath_enabled()
    with torch.inference_mode():
        assert torch.allclose(fused(**batch).logits, eager(**batch).logits, atol=1e-5)
    assert torch.backends.mha.get_fastpath_enabled() == before


def test_a_config_for_too_many_modules_is_not_built(monkeypatch: pytest.MonkeyPatch) -> None:
    """The limit holds for every model type, whichever field asks for the modules."""
    monkeypatch.setattr("profiling.architecture.bounds.MOST_MATRICES", 10)
    with pytest.raises(WorkloadError, match="more than 10 modules; take fewer layers or experts"):
        models.unplaced(families.workload("bert"))
