"""Data sheets, prices and published runs have sources, and a user adds rows."""

import csv
from pathlib import Path

import pytest

from profiling import architecture
from profiling.errors import TableError
from profiling.reference import csvrows, datasheets, rentals
from profiling.reference.csvrows import Row
from profiling.reference.datasheets import Device, MatmulPeak, Model, Price, ServingRun, TrainingRun
from profiling.results import costs

HEADER = "provider,sku,device,usd_per_hour,kind,date,source\n"
KINDS = (Device, MatmulPeak, Price, Model, TrainingRun, ServingRun)


@pytest.fixture
def tables(home: Path) -> Path:
    """Return the folder of the user's rows."""
    folder = home / "tables"
    folder.mkdir(parents=True)
    return folder


@pytest.mark.parametrize("kind", KINDS)
def test_every_shipped_row_has_a_key_of_its_own_and_a_source(kind: type[Row]) -> None:
    """No shipped row replaces another, and each has a source."""
    with (datasheets.SHIPPED / kind.FILE).open(encoding="utf-8", newline="") as file:
        written = list(csv.DictReader(file))
    found = datasheets.rows(kind)
    assert len({row.key for row in found}) == len(found) == len(written)
    assert all(row.source for row in found)


@pytest.mark.parametrize(
    ("name", "sheet"),
    [
        ("NVIDIA H100 80GB HBM3", "H100-SXM"),
        ("NVIDIA H100 PCIe", "H100-PCIe"),
        ("H100-SXM5-80GB", "H100-SXM"),
        ("h100 sxm", "H100-SXM"),
        ("NVIDIA H200", "H200-SXM"),
        ("NVIDIA A100-SXM4-80GB", "A100-SXM-80GB"),
        ("NVIDIA A100-SXM4-40GB", "A100-SXM-40GB"),
        ("NVIDIA A100 80GB PCIe", "A100-PCIe-80GB"),
        ("A10", "A10"),
        ("NVIDIA A10G", "A10G"),
        ("Tesla T4", "T4"),
        ("NVIDIA GeForce RTX 4090", "RTX4090"),
        ("rtx 3090", "RTX3090"),
        ("AMD Instinct MI300X", "MI300X"),
        ("NVIDIA RTX A6000", "A6000"),
        ("NVIDIA H100 NVL", "H100-NVL"),
        ("NVIDIA GH200 480GB", "GH200"),
        ("NVIDIA RTX PRO 6000 Blackwell Workstation Edition", "RTX PRO 6000"),
    ],
)
def test_a_device_is_found_by_the_drivers_name(name: str, sheet: str) -> None:
    """The driver's name and the data sheet's name find the same device."""
    assert datasheets.device(name).name == sheet


@pytest.mark.parametrize(
    "name",
    [
        *("cpu", "Intel(R) Xeon(R) Platinum 8481C CPU @ 2.70GHz", "AMD EPYC 9R14", "", "NVIDIA"),
        *("NVIDIA GeForce RTX 3090 Ti", "NVIDIA GeForce RTX 4090 Laptop GPU", "NVIDIA A100-PCIE-40GB"),
        *("Tesla V100-SXM2-16GB", "NVIDIA GH200 144G HBM3e", "NVIDIA RTX 6000 Ada Generation"),
        "NVIDIA RTX PRO 6000 Blackwell Server Edition",
    ],
)
def test_what_has_no_sheet_is_not_taken_for_another(name: str) -> None:
    """A processor, a similar device with other figures and an empty name have no sheet."""
    assert datasheets.device(name) is None


@pytest.mark.parametrize(
    ("name", "names"),
    [("H100", "H100-PCIe or H100-NVL or H100-SXM"), ("A100", "A100-PCIe-80GB or A100-SXM")],
)
def test_a_name_that_leaves_the_variant_open_is_refused(name: str, names: str) -> None:
    """The error lists the devices that the name may mean."""
    with pytest.raises(TableError, match=names):
        datasheets.device(name)


def test_a_figure_missing_on_the_sheet_is_unknown() -> None:
    """Ampere has no FP8, and no sheet has the power of a B300."""
    ampere, newest = datasheets.device("A100-SXM-80GB"), datasheets.device("B300")
    assert ampere.fp8_dense_tflops is None
    assert ampere.flops_per_second("fp8") is None
    assert ampere.flops_per_second("float32") is None
    assert newest.tdp_w is None


def test_rates_are_those_of_the_sheet() -> None:
    """An H100-SXM has 989 dense TFLOP/s in bfloat16, 3350 GB/s and 80 GB; the sheet's 1979 has sparsity."""
    h100 = datasheets.device("H100-SXM")
    assert (h100.flops_per_second(), h100.flops_per_second("fp8")) == (989e12, 1979e12)
    assert (h100.bytes_per_second, h100.memory_bytes) == (3350e9, 80e9)


def test_dense_peaks_double_from_sixteen_to_eight_bits() -> None:
    """A ratio other than 2 would reveal a figure with sparsity."""
    both = [(one.fp8_dense_tflops, one.bf16_dense_tflops) for one in datasheets.rows(Device)]
    ratios = [eight / sixteen for eight, sixteen in both if eight is not None and sixteen is not None]
    assert len(ratios) >= 10
    assert all(ratio == pytest.approx(2, rel=0.025) for ratio in ratios)


def test_no_measured_peak_exceeds_its_sheet() -> None:
    """The fastest of many products reaches half to nine tenths of the peak."""
    assert all(0.5 < peak.fraction < 0.9 for peak in datasheets.rows(MatmulPeak))


def test_a_chips_peak_stands_for_its_memory_sizes() -> None:
    """The figure of A100-SXM counts for both memory sizes."""
    for name in ("A100-SXM-40GB", "A100-SXM-80GB"):
        sheet = datasheets.device(name)
        assert [peak.measured_tflops for peak in datasheets.matmul_peaks(sheet)] == [271.2]


def test_the_users_devices_are_read_once_for_all_peaks(tables: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An estimate asks for the peaks of a device for each of hundreds of published rows."""
    (tables / "devices.csv").write_text("name,as_of,source\nMine,2026,me\n", encoding="utf-8")
    read: list[Path] = []
    monkeypatch.setattr(datasheets, "read", lambda path, kind: read.append(path) or csvrows.read(path, kind))
    assert datasheets.matmul_peaks(datasheets.device("A100-SXM-80GB"))
    assert read.count(tables / "devices.csv") == 2  # by the device's name, and for the peaks


def test_prices_begin_with_the_newest() -> None:
    """Within a day the cheapest is first; an offer of any H100 counts for each variant."""
    offers = rentals.prices(datasheets.device("H100-SXM"))
    assert (offers[0].provider, offers[0].date, offers[0].usd_per_device_hour) == ("AWS", "2026-11-09", 6.88)
    assert [row.date for row in offers] == sorted((row.date for row in offers), reverse=True)
    assert [row.usd_per_hour for row in offers if row.date == "2026-10-19"] == [2.69, 3.99]
    assert {row.device for row in offers} == {"H100", "H100-80GB", "H100-SXM"}


def test_a_price_of_several_devices_is_shared_by_them(tables: Path) -> None:
    """Eight V100 for 6.32 dollars are 0.79 each, as the provider lists a single one; xlarge is no count."""
    rows = "8,L,gpu_8x_v100,V100-SXM2,6.32,on-demand,2026,x\n,A,p3.16xlarge,V100-SXM2,3.06,spot,2026,x\n"
    (tables / "prices.csv").write_text(f"devices,{HEADER}{rows}", encoding="utf-8")
    offers = rentals.prices(datasheets.device("V100-SXM2"))
    assert [(row.sku, row.usd_per_device_hour) for row in offers if row.sku] == [
        ("gpu_8x_v100", pytest.approx(0.79)),
        ("p3.16xlarge", 3.06),
    ]


def test_the_usual_price_is_the_median_of_the_same_form_factor() -> None:
    """H100 as SXM: 2.69, 3.99, 3.99, 4.09 and 6.88; as a PCIe card 1.99 and 2.89, a third cheaper."""
    sxm, pcie = (costs.typical(datasheets.device(name)) for name in ("H100-SXM", "H100-PCIe"))
    assert (sxm.per_hour, sxm.as_of) == (3.99, "2026-11-09")
    assert str(sxm) == "3.99 USD an hour (median of 5 on-demand prices from 2.69 to 6.88, 2026-11-09)"
    assert pcie.per_hour == pytest.approx((1.99 + 2.89) / 2)
    assert costs.typical(datasheets.device("T4")) is None


def test_an_offer_without_a_form_factor_counts_where_there_is_no_other(tables: Path) -> None:
    """It may be of either variant; an offer that names the variant takes its place."""
    sheets = "X9-SXM,100,24,2026-11,its maker\nX9-PCIe,80,24,2026-11,its maker\n"
    (tables / "devices.csv").write_text(f"name,bf16_dense_tflops,memory_gb,as_of,source\n{sheets}", encoding="utf-8")
    prices = "A,,X9,1,on-demand,2026,x\nB,,X9,2,on-demand,2026,x\nC,,X9-PCIe,5,on-demand,2026,x\n"
    (tables / "prices.csv").write_text(f"{HEADER}{prices}", encoding="utf-8")
    assert [costs.typical(datasheets.device(f"X9-{form}")).per_hour for form in ("SXM", "PCIe")] == [1.5, 5]


@pytest.mark.parametrize("row", datasheets.rows(Model), ids=lambda row: row.name)
def test_a_well_known_model_has_its_published_parameters(row: Model) -> None:
    """The config gives the count, where an exact one is published."""
    assert row.parameters in (None, architecture.of(row.config).parameters)


def test_a_model_is_found_without_regard_to_case() -> None:
    """An unknown name finds no model."""
    found = datasheets.model("llama-3.1-8b")
    assert (found.name, found.parameters) == ("Llama-3.1-8B", 8_030_261_248)
    assert datasheets.model("llama-9") is None


def test_published_runs_have_the_figures_of_their_sources() -> None:
    """The tables have Meta's 30.84M hours for Llama-3.1-405B, and 27.6 GB and 3497/8 tokens/s for torchtune's 70B."""
    runs = datasheets.rows(TrainingRun)
    hours = {row.model: row.device_hours for row in runs if row.device_hours is not None}
    assert hours["Llama-3.1-405B"] == 30_840_000
    lora = next(row for row in runs if row.model == "Llama-3.1-70B" and row.method == "lora")
    assert (lora.devices, lora.memory_gb) == (8, 27.6)
    assert lora.tokens_per_second_per_device == pytest.approx(3497 / 8)


def test_a_user_adds_a_device(tables: Path) -> None:
    """Columns whose values may be unknown can be absent."""
    row = "name,bf16_dense_tflops,memory_gb,as_of,source\nMine,100,24,2026-11,its maker\n"
    (tables / "devices.csv").write_text(row, encoding="utf-8")
    mine = datasheets.device("mine")
    assert (mine.flops_per_second(), mine.memory_bytes, mine.bytes_per_second) == (100e12, 24e9, None)
    assert datasheets.device("H100-SXM") is not None


def test_a_users_row_takes_the_place_of_a_shipped_one(tables: Path) -> None:
    """A user's row of the same name, without regard to case, replaces the shipped one."""
    row = "name,bf16_dense_tflops,as_of,source\nh100-sxm,900,2026-11,measured here\n"
    (tables / "devices.csv").write_text(row, encoding="utf-8")
    found = [row for row in datasheets.rows(Device) if row.name.casefold() == "h100-sxm"]
    assert [(row.bf16_dense_tflops, row.memory_gb) for row in found] == [(900, None)]


def test_a_users_price_is_read_at_once(tables: Path) -> None:
    """A file written while the program runs takes effect at once."""
    t4 = datasheets.device("T4")
    assert rentals.prices(t4) == ()
    (tables / "prices.csv").write_text(f"{HEADER}Ours,,T4,0.35,on-demand,2026-11-20,an invoice\n", encoding="utf-8")
    assert [row.usd_per_hour for row in rentals.prices(t4)] == [0.35]


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        (
            f"{HEADER}A,,T4,cheap,on-demand,2026,x\n",
            "prices.csv, line 2: usd_per_hour is 'cheap', which is not a number",
        ),
        (f"{HEADER}A,,T4,1,on-demand,2026,x\nB,,T4,-1,spot,2026,x\n", r"line 3: usd_per_hour is '-1', .* below 0"),
        (f"{HEADER}A,,T4,nan,on-demand,2026,x\n", r"line 2: usd_per_hour is 'nan', which is infinite"),
        (f"{HEADER}A,,T4,,on-demand,2026,x\n", r"line 2: usd_per_hour is '', which is not a number"),
        (f"{HEADER}A,,T4,0,on-demand,2026,x\n", r"line 2: usd_per_hour is '0', which is infinite, NaN, 0 or below"),
        (
            f"{HEADER}A,gpu_8x_v100,V100,6.32,on-demand,2026,x\n",
            r"line 2: 'gpu_8x_v100' seems to be of several devices",
        ),
        (f"{HEADER}A,H100x8,H100,20,on-demand,2026,x\n", r"line 2: 'H100x8' seems to be of several devices"),
        (f"devices,{HEADER}0,A,,T4,1,on-demand,2026,x\n", r"line 2: devices is '0', .* leave out what is not known"),
        (f"{HEADER}A,,T4,1,on-demand,yesterday,x\n", r"line 2: date is 'yesterday'; write it as 2026,"),
        (f"{HEADER}A,,T4,1,on-demand,,x\n", r"line 2: date is ''"),
        (f"{HEADER}A,,T4,1,on-demand,2026-31-12,x\n", r"line 2: date is '2026-31-12'; write it as 2026,"),
        (f"{HEADER}A,,T4,1,on-demand,2026,\n", r"line 2: source is empty; a row needs it"),
        (f"{HEADER},,T4,1,on-demand,2026,x\n", r"line 2: provider is empty"),
        (f"{HEADER}A,,T4,1,on-demand,2026,x,y\n", r"line 2: has more cells than columns"),
        ("provider,euros\nA,1\n", r"line 1: there is no column 'euros'; prices.csv has date,"),
        (f'{HEADER}"A,,T4,1\n', r"prices.csv: cannot be read"),
    ],
)
def test_a_broken_row_is_refused_with_file_and_line(tables: Path, text: str, sentence: str) -> None:
    """A wrong row is neither skipped nor corrected."""
    (tables / "prices.csv").write_text(text, encoding="utf-8")
    with pytest.raises(TableError, match=sentence):
        datasheets.rows(Price)


@pytest.mark.parametrize(
    ("config", "sentence"),
    [
        ("{no", "is '{no', which is not JSON"),
        ("[" * 5_000, "which is not JSON .nested more than 40 deep"),
        ("[]", "which is not an object"),
        ("", "is ''"),
    ],
)
def test_a_broken_config_is_refused(tables: Path, config: str, sentence: str) -> None:
    """The error says what the config should be."""
    (tables / "models.csv").write_text(f"name,config,as_of,source\nMine,{config},2026,me\n", encoding="utf-8")
    with pytest.raises(TableError, match=sentence):
        datasheets.rows(Model)


@pytest.mark.parametrize(
    ("kind", "row"),
    [
        (Device, {"name": "Mine", "bandwidth_gb_s": "0"}),
        (MatmulPeak, {"device": "H100-SXM", "measured_tflops": "500", "peak_tflops": "0"}),
        (TrainingRun, {"model": "Llama-3.1-8B", "mfu_percent": "0"}),
        (ServingRun, {"benchmark": "mine", "tokens_per_second": "0"}),
    ],
)
def test_a_figure_of_0_is_refused_with_file_and_line(tables: Path, kind: type[Row], row: dict[str, str]) -> None:
    """Estimates divide by rates, and a rate of 0 would end them without a word of the row."""
    cells = {**row, "as_of": "2026", "source": "me"}
    (tables / kind.FILE).write_text(f"{','.join(cells)}\n{','.join(cells.values())}\n", encoding="utf-8")
    with pytest.raises(TableError, match=rf"{kind.FILE}, line 2: \w+ is '0', which is .* 0 or below"):
        datasheets.rows(kind)


def test_a_file_that_is_not_text_is_refused(tables: Path) -> None:
    """The error names the path and the remedy."""
    (tables / "devices.csv").write_bytes(b"name\n\xff\xfe\n")
    with pytest.raises(TableError, match=r"devices.csv: cannot be read .*repair the file"):
        datasheets.rows(Device)
