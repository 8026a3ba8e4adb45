"""Methods that move every weight of the model."""

from __future__ import annotations

from profiling.methods.method import Method, Settings

# From random weights: the smallest models of GPT-3 (arXiv:2005.14165, appendix B).
PRETRAINING = Settings(6e-4, (0.9, 0.95), 0.1)
# The largest of BERT's three rates for fine-tuning (arXiv:1810.04805, appendix A.3).
FINE_TUNING = Settings(5e-5)

PRETRAIN = Method(
    "pretrain",
    "Pre-training from random weights",
    1,
    "all",
    PRETRAINING,
    "profiling.making.methods:whole",
    settings_from_random=PRETRAINING,
    published_as="pretrain",
    from_scratch=True,
)
FULL = Method(
    "full",
    "Full fine-tuning",
    2,
    "all",
    FINE_TUNING,
    "profiling.making.methods:whole",
    settings_from_random=PRETRAINING,
    published_as="full",
    sheet_stages=(0, 1, 2, 3),
)
CONTINUAL = Method(
    "continual",
    "Continual training with replay",
    9,
    "all",
    FINE_TUNING,
    "profiling.making.methods:whole",
    settings_from_random=PRETRAINING,
    replays=True,
    course="profiling.making.learning:two_tasks",
    stretches=2,
    published_as="full",
)
# What configs call their number of layers, of which a student has half; GPT-2 has a name of its own.
LAYER_COUNTS = ("num_hidden_layers", "n_layer", "encoder_layers", "decoder_layers")
# The student's step is about as long as the teacher's: half the layers, with the teacher's answers beside them.
DISTIL = Method(
    "distil",
    "Distillation into half the layers",
    10,
    "all",
    FINE_TUNING,
    "profiling.making.distillation:make",
    settings_from_random=PRETRAINING,
    student=True,
    course="profiling.making.learning:taught",
    stretches=2,
)
