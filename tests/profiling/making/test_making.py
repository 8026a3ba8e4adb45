"""Ways of making a model: what learns, what stays as it was, and where a method has no meaning."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch
from families import FAMILIES, TEXT, workload
from transformers import AutoModelForCausalLM, AutoModelForSeq2SeqLM, LlamaConfig, MT5Config

from profiling import architecture
from profiling.errors import UnsupportedError
from profiling.making import adapters, distillation, head, methods, replay
from profiling.making.training import Training
from profiling.models import models

CPU = torch.device("cpu")
FROZEN = ("head", "lora", "adalora", "prompt_tuning", "ia3")
FLAT = ("resnet", "mlp", "linear")
NO_ATTENTION = "adapters go to the matrices of attention"
# What cannot be done, and the words that say why; all else can.
UNSUPPORTED = {
    **{(family, "prompt_tuning"): "learned tokens before a text" for family in ("encoder", "vit", "resnet", "whisper")},
    ("encoder", "ia3"): "no matrices of their own",
    **{(family, method): NO_ATTENTION for family in FLAT for method in ("lora", "adalora", "ia3")},
    **{(family, "prompt_tuning"): "learned tokens before a text" for family in ("mlp", "linear")},
    **{(family, "distil"): "halves the layers" for family in FLAT},
    ("linear", "head"): "no body below its head",
}
METHODS = ("pretrain", "full", "head", "lora", "adalora", "prompt_tuning", "ia3", "continual", "distil")
CASES = [(family, method) for family in FAMILIES for method in METHODS]
MT0_LARGE = {"d_model": 1024, "d_ff": 2816, "num_layers": 24, "num_heads": 16, "vocab_size": 250112}


def training(family: str, method: str, batch: int = 4) -> Training:
    """A training of a tiny model, its weights from a fixed seed."""
    torch.manual_seed(0)
    here = workload(family, batch, method, attention="eager" if family == "resnet" else "sdpa")
    return Training(here, here.cases[0], "float32", CPU)


@pytest.mark.parametrize(("family", "method"), [case for case in CASES if case not in UNSUPPORTED])
def test_every_method_moves_the_weights_that_it_trains(family: str, method: str) -> None:
    """Two steps change something, and nothing that is frozen."""
    trained = training(family, method)
    before = {name: weight.clone() for name, weight in trained.made.model.named_parameters()}
    trained.run(2)
    weights = dict(trained.made.model.named_parameters())
    changed = {name for name, weight in weights.items() if not torch.equal(weight, before[name])}
    assert changed
    assert all(weights[name].requires_grad for name in changed)
    if method in (*FROZEN, "distil"):
        assert len(changed) < len(weights)


# Families whose matrices have other names than those above, with their task.
OTHERS: dict[str, tuple[str, dict[str, Any]]] = {
    "distilbert": ("text", {"dim": 32, "n_layers": 2, "n_heads": 4, "hidden_dim": 64, "vocab_size": 600}),
    "modernbert": ("text", {**TEXT, "pad_token_id": 0}),
    "deberta-v2": ("text", {**TEXT, "relative_attention": True, "pos_att_type": ["p2c", "c2p"], "type_vocab_size": 0}),
    "albert": ("text", {**TEXT, "embedding_size": 16}),
    "mpnet": ("text", TEXT),
    "gpt_neox": ("causal", TEXT),
    "falcon": ("causal", {**TEXT, "alibi": False}),
    "phi3": ("causal", {**TEXT, "pad_token_id": 0}),
    "mpt": ("causal", {"d_model": 32, "n_layers": 2, "n_heads": 4, "vocab_size": 600}),
    "mamba": ("causal", {"hidden_size": 32, "num_hidden_layers": 2, "vocab_size": 600, "state_size": 4}),
}


@pytest.mark.parametrize("name", OTHERS)
def test_factors_go_to_the_matrices_of_any_attention(name: str) -> None:
    """Queries and values may share a matrix or have names of their own; a state-space model has its input's."""
    task, settings = OTHERS[name]
    config = {"model_type": name, **settings}
    here = replace(workload("gpt2", 4, "lora"), model={"config": config}, task=task)
    trained = Training(here, here.cases[0], "float32", CPU)
    factors = {path: one for path, one in trained.made.model.named_parameters() if "lora_" in path}
    before = {path: one.clone() for path, one in factors.items()}
    trained.run(2)
    assert all(not torch.equal(factors[path], before[path]) for path in factors if "lora_B" in path)
    sizes = architecture.of(config, task)
    head_alone = sum(one.parameters for one in sizes.head) if task == "text" else 0
    assert sum(one.numel() for one in factors.values()) == sizes.trainable_parameters("lora") - head_alone


@pytest.mark.parametrize("method", ["head", "lora", "prompt_tuning"])
@pytest.mark.parametrize("name", ["distilbert", "roberta", "electra", "deberta-v2", "modernbert"])
def test_all_layers_of_a_head_are_trained(name: str, method: str) -> None:
    """A classifier may have two layers beside its body, of one module or of several; `size` counts both."""
    config = {"model_type": name, **OTHERS.get(name, ("text", TEXT))[1]}
    here = replace(workload("gpt2", 4, method), model={"config": config}, task="text")
    trained = Training(here, here.cases[0], "float32", CPU)
    learning = {
        path for path, one in trained.made.model.named_parameters() if one.requires_grad and "lora_" not in path
    }
    assert len({path.removesuffix(".bias").removesuffix(".weight") for path in learning}) >= 2
    norms = 32 if name == "modernbert" else 0
    assert trained.made.trainable_parameters == architecture.of(config, "text").trainable_parameters(method) + norms


@pytest.mark.parametrize(("family", "method"), UNSUPPORTED)
def test_what_has_no_meaning_says_why(family: str, method: str) -> None:
    """The sentence names what the model does not have."""
    with pytest.raises(UnsupportedError, match=UNSUPPORTED[family, method]):
        training(family, method)


@pytest.mark.parametrize(
    ("family", "method", "rate", "share"),
    [
        ("bert", "full", 5e-3, 0.8),
        ("bert", "distil", 5e-3, 0.8),
        ("bert", "lora", 2e-2, 0.8),
        # Of a body of random weights there is most to read in a mean over words, or in the last one.
        ("encoder", "head", 2e-2, 0.8),
        ("llama-classifier", "ia3", 2e-2, 0.8),
        ("bert", "prompt_tuning", 0.3, 0.98),
        # Its penalty is in the loss too.
        ("bert", "adalora", 2e-2, 0.97),
    ],
)
def test_the_loss_falls(family: str, method: str, rate: float, share: float) -> None:
    """Classes can be learned by each method; a tiny model of random weights needs larger steps than the usual."""
    trained = training(family, method, batch=16)
    for group in trained.trainer.optimizer.param_groups:
        group["lr"] = rate
    trained.run(60)
    losses = trained.trainer.losses
    first, last = (float(torch.stack(part).mean()) for part in (losses[:10], losses[-10:]))
    assert last < share * first


def test_a_body_of_frozen_weights_is_one_fixed_function() -> None:
    """Under a new head neither the running means of a ResNet nor its weights move."""
    trained = training("resnet", "head")
    before = {name: tensor.clone() for name, tensor in trained.made.model.resnet.state_dict().items()}
    trained.run(3)
    assert all(torch.equal(tensor, before[name]) for name, tensor in trained.made.model.resnet.state_dict().items())


def test_a_new_head_of_a_language_model_leaves_the_embeddings_alone() -> None:
    """Where they shared one matrix, the head has its own from then on."""
    trained = training("gpt2", "head")
    embeddings = trained.made.model.get_input_embeddings().weight.clone()
    trained.run(3)
    assert torch.equal(trained.made.model.get_input_embeddings().weight, embeddings)
    assert head.of(trained.made.model)[0].weight.requires_grad


def test_adapters_on_torchs_encoder_answer_in_evaluation_too() -> None:
    """Its fused path would read the frozen matrices around them."""
    model = training("encoder", "lora").made.model.eval()
    for name, weight in model.named_parameters():
        if "lora_B" in name:
            torch.nn.init.normal_(weight)
    here = workload("encoder", 4, "lora")
    batch = next(methods.data(here, here.cases[0]))
    with torch.no_grad():
        adapted = model(**batch).logits
        with model.disable_adapter():
            plain = model(**batch).logits
    assert not torch.allclose(adapted, plain)


@pytest.mark.parametrize("family", ["bert", "encoder", "gpt2", "llama", "qwen3", "vit", "whisper"])
def test_lora_trains_as_many_numbers_as_the_formula_says(family: str) -> None:
    """Two factors of rank 8 on each adapted matrix, and the head of a classifier."""
    made = training(family, "lora").made
    sizes = architecture.of(models.configured(workload(family)).to_dict())
    assert made.trainable_parameters == sizes.trainable_parameters("lora")


@pytest.mark.parametrize(
    ("reader", "config", "task", "count"),
    [
        # Printed by peft's own guide for bigscience/mt0-large.
        (AutoModelForSeq2SeqLM, MT5Config(**MT0_LARGE), "speech", 2_359_296),
        # 32 layers x 2 matrices x 8 x (4096 + 4096).
        (AutoModelForCausalLM, LlamaConfig(), "causal", 4_194_304),
    ],
    ids=["mt0-large", "Llama-2-7B"],
)
def test_lora_trains_as_many_numbers_as_published(reader: Any, config: Any, task: str, count: int) -> None:
    """On structures that take no room."""
    with torch.device("meta"):
        model = reader.from_config(config)
        model = adapters.adapted(model, adapters.lora_config(model, task))
    assert sum(weight.numel() for weight in model.parameters() if weight.requires_grad) == count


def test_adalora_keeps_its_factors_orthogonal() -> None:
    """Its penalty is in the loss of images too, where peft's general wrapper would leave it out."""
    penalised, plain = (float(training("vit", method).trainer.backward().detach()) for method in ("adalora", "lora"))
    assert penalised > plain + 0.1


def test_adalora_ends_with_its_budget() -> None:
    """Ranks are pruned from 12 to a mean of 8 by the end of the steps that it was told."""
    torch.manual_seed(0)
    here = workload("bert", 4, "adalora", epoch_examples=4 * 20)
    trained = Training(here, here.cases[0], "float32", CPU)
    trained.run(20)
    pattern = trained.made.model.peft_config["default"].rank_pattern
    ranks = [sum(kept) for kept in pattern.values()]
    assert sum(ranks) == adapters.RANK * len(ranks)


def test_prompts_that_exceed_the_positions_are_refused() -> None:
    """20 learned tokens and 16 of the text do not fit into 30."""
    with pytest.raises(UnsupportedError, match="shorten the case to 10"):
        adapters.check_prompt(20, 16, 30)


def test_qlora_without_its_library_says_what_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    """And what to install."""
    monkeypatch.setattr(adapters.importlib.util, "find_spec", lambda _name: None)
    with pytest.raises(UnsupportedError, match="pip install bitsandbytes"):
        training("llama", "qlora")


def test_qlora_trains_over_four_bits() -> None:
    """Packed weights stay as they are, and the adapters learn."""
    trained = training("llama", "qlora")
    weights = dict(trained.made.model.named_parameters())
    packed = {name: weight.clone() for name, weight in weights.items() if weight.dtype is torch.uint8}
    trained.run(3)
    weights = dict(trained.made.model.named_parameters())
    assert packed
    assert all(torch.equal(weights[name], weight) for name, weight in packed.items())


def test_a_softened_loss_is_the_divergence_of_two_softmaxes() -> None:
    """T^2 sum p (log p - log q) at temperature 2, worked out for one example of two classes."""
    loss = distillation.softened_loss(torch.tensor([[0.0, 0.0]]), torch.tensor([[2.0, 0.0]]), torch.tensor([True]))
    p = torch.softmax(torch.tensor([1.0, 0.0]), -1)
    assert float(loss) == pytest.approx(float(4 * (p * (p / 0.5).log()).sum()))


def test_a_student_that_answers_like_its_teacher_has_no_softened_loss() -> None:
    """The divergence of a distribution from itself."""
    logits = torch.randn(5, 3)
    loss = distillation.softened_loss(logits, logits, torch.ones(5, dtype=torch.bool))
    assert float(loss) == pytest.approx(0, abs=1e-6)


def test_a_student_has_every_other_layer_of_its_teacher() -> None:
    """Half the layers, and the teacher's own embeddings."""
    teacher = models.build(workload("bert"), CPU)
    student = distillation.student_of(teacher)
    assert student.config.num_hidden_layers == 1
    assert torch.equal(student.get_input_embeddings().weight, teacher.get_input_embeddings().weight)
    assert torch.equal(student.classifier.weight, teacher.classifier.weight)


def test_a_teacher_learns_nothing() -> None:
    """Only the student does."""
    made = training("bert", "distil").made
    assert not any(weight.requires_grad for weight in made.model.teacher.parameters())
    assert {id(weight) for weight in made.trained} == {id(weight) for weight in made.kept.parameters()}


@pytest.mark.parametrize(("percent", "rows"), [(0, 0), (10, 40), (25, 100), (100, 400)])
def test_replay_makes_up_its_share_of_the_rows(percent: int, rows: int) -> None:
    """Over a hundred batches of four, a share of a row being carried over."""
    new, old = ({"x": torch.full((4, 1), value)} for value in (0, 1))
    mixed = replay.mixed(iter([new] * 101), iter([old] * 101), percent)
    assert sum(int(next(mixed)["x"].sum()) for _ in range(100)) == rows


def test_a_checkpoint_of_adapters_holds_them_alone(tmp_path: Path) -> None:
    """The frozen weights lie where they came from."""
    trained = training("llama", "lora")
    trained.run(1)
    trained.finish(tmp_path)
    numbers = sum(one.numel() for one in torch.load(tmp_path / "checkpoint-0.pt"))
    assert numbers == pytest.approx(3 * trained.trainable_parameters, rel=0.05)
