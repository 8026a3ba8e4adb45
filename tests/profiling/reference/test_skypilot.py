"""Catalogues of rental prices in SkyPilot's columns: what each provider asks for a device of which form factor."""

import os
from pathlib import Path

import pytest

from profiling.errors import TableError
from profiling.reference import datasheets, rentals, skypilot
from profiling.results import costs

# Rows of the catalogue's version 8, of 2026, with descriptions shortened.
LAMBDA = """\
InstanceType,AcceleratorName,AcceleratorCount,vCPUs,MemoryGiB,Price,Region,GpuInfo,SpotPrice
cpu_4x_general,,,4.0,16.0,0.2,us-east-1,,
gpu_8x_v100_n,V100,8.0,88.0,448.0,6.32,us-east-1,"{'Gpus': [{'MemoryInfo': {'SizeInMiB': 16384}}]}",
gpu_8x_v100_n,V100,8.0,88.0,448.0,6.32,us-west-1,"{'Gpus': [{'MemoryInfo': {'SizeInMiB': 16384}}]}",
gpu_1x_a6000,A6000,1.0,14.0,100.0,1.09,us-east-1,"{'Gpus': [{'MemoryInfo': {'SizeInMiB': 49152}}]}",
"""
HYPERSTACK = """\
InstanceType,AcceleratorName,AcceleratorCount,vCPUs,MemoryGiB,GpuInfo,Price,Region,SpotPrice
n3-A100x8,A100-80G-PCIe,8,252,1440.0,"{'Gpus': [{'MemoryInfo': {'SizeInMiB': 81920}}]}",10.8,CANADA-1,
n3-A100x8-NVLink,A100-80G-PCIe-NVLink,8,252,1920.0,"{'Gpus': [{'MemoryInfo': {'SizeInMiB': 81920}}]}",11.2,CANADA-1,
n3-H100x1,H100-80G-PCIe,1,28,180.0,"{'Gpus': [{'MemoryInfo': {'SizeInMiB': 81920}}]}",1.9,CANADA-1,
n3-H100-SXM5x8,H100-80G-SXM5,8,192,1800.0,"{'Gpus': [{'MemoryInfo': {'SizeInMiB': 81920}}]}",19.2,CANADA-1,
n3-H100-SXM5x8,H100-80G-SXM5,8,192,960.0,"{'Gpus': [{'MemoryInfo': {'SizeInMiB': 81920}}]}",19.2,US-1,
n3-L40x1,L40,1,28,58.0,"{'Gpus': [{'MemoryInfo': {'SizeInMiB': 49152}}]}",1.0,CANADA-1,
"""
NEBIUS = """\
InstanceType,AcceleratorName,AcceleratorCount,vCPUs,MemoryGiB,Price,Region,GpuInfo,SpotPrice
cpu-d3_4vcpu-16gb,,0,4,16,0.0992,eu-north1,,
gpu-h100-sxm_1gpu-16vcpu-200gb,H100,1,16,200,2.95,eu-north1,"{'Gpus': [{'MemoryInfo': {'SizeInMiB': 81920}}]}",1.25
gpu-h100-sxm_8gpu-128vcpu-1600gb,H100,8,128,1600,23.60,eu-north1,"{'Gpus': []}",10.00
"""
VERDA = """\
InstanceType,UpstreamCloudId,vCPUs,MemoryGiB,AcceleratorName,AcceleratorCount,GpuInfo,Region,Price,SpotPrice
2B300.60V,2B300.60V,60.0,550.0,B300,2.0,"{""Gpus"": [{""MemoryInfo"": {""SizeInMiB"": 268800}}]}",FIN-03,,4.893
1A100.22V,1A100.22V,22.0,120.0,A100-80GB,1.0,"{""Gpus"": []}",FIN-01,1.29,0.4515
1A100.22V,1A100.22V,22.0,120.0,A100-80GB,1.0,"{""Gpus"": []}",FIN-03,1.29,0.4515
"""
HEAD = "InstanceType,AcceleratorName,AcceleratorCount,Price,Region,SpotPrice\n"


@pytest.fixture
def catalogues(home: Path) -> Path:
    """Return the folder of the user's catalogues, with four of them, one as SkyPilot lays it out."""
    folder = home / "tables" / "skypilot"
    (folder / "nebius").mkdir(parents=True)
    for name, text in (("lambda.csv", LAMBDA), ("hyperstack.csv", HYPERSTACK), ("verda.csv", VERDA)):
        (folder / name).write_text(text, encoding="utf-8")
    (folder / "nebius" / "vms.csv").write_text(NEBIUS, encoding="utf-8")
    return folder


def listed(device: str) -> list[tuple[str, str, int | None, float, str]]:
    """Return provider, instance, devices, price per device and kind of each offer in the catalogues."""
    sheet = datasheets.device(device)
    assert sheet is not None
    found = skypilot.offers(sheet)
    return sorted((one.provider, one.sku, one.devices, one.usd_per_device_hour, one.kind) for one in found)


@pytest.mark.usefixtures("catalogues")
def test_the_price_of_an_instance_is_that_of_all_its_devices() -> None:
    """Eight V100 for 6.32 are 0.79 each, however many regions list them."""
    assert listed("V100-SXM2") == [("lambda", "gpu_8x_v100_n", 8, pytest.approx(0.79), "on-demand")]


@pytest.mark.usefixtures("catalogues")
def test_an_offer_is_of_the_form_factor_that_its_instance_tells() -> None:
    """The name of the device, of the instance or a bridge between cards; sizes of one provider are one offer."""
    assert listed("H100-SXM") == [
        ("hyperstack", "n3-H100-SXM5x8", 8, pytest.approx(2.4), "on-demand"),
        ("nebius", "gpu-h100-sxm_1gpu-16vcpu-200gb", 1, 1.25, "spot"),
        ("nebius", "gpu-h100-sxm_1gpu-16vcpu-200gb", 1, 2.95, "on-demand"),
    ]
    assert listed("H100-PCIe") == [("hyperstack", "n3-H100x1", 1, 1.9, "on-demand")]
    assert [one[:3] for one in listed("A100-PCIe-80GB")] == [("hyperstack", "n3-A100x8", 8)] + [
        ("verda", "1A100.22V", 1)
    ] * 2


@pytest.mark.usefixtures("catalogues")
def test_an_offer_that_leaves_the_form_factor_open_counts_only_where_no_other_does() -> None:
    """As in the shipped table."""
    sheet = datasheets.device("A100-SXM-80GB")
    assert {one.provider for one in rentals.prices(sheet)} >= {"AWS", "verda"}
    assert "verda" not in {one.provider for one in rentals.on_demand(sheet)}


@pytest.mark.usefixtures("catalogues")
def test_the_usual_price_is_the_median_over_all_providers() -> None:
    """Those of the table and of the catalogues, with the range of both."""
    usual = costs.typical(datasheets.device("H100-PCIe"))
    prices = [one.usd_per_device_hour for one in rentals.on_demand(datasheets.device("H100-PCIe"))]
    assert 1.9 in prices
    assert f"median of {len(prices)} on-demand prices from {min(prices):.4g} to {max(prices):.4g}" in usual.source


@pytest.mark.usefixtures("catalogues")
def test_no_price_is_no_offer() -> None:
    """A B300 that is only listed at spot prices has none on demand."""
    assert [one[4] for one in listed("B300")] == ["spot"]


def test_rows_that_say_too_little_are_left_out(catalogues: Path) -> None:
    """Devices without their host, prices of 0, no devices, and devices that no data sheet describes."""
    (catalogues / "lambda.csv").write_text(
        f"{HEAD},T4,1,0.35,us,\nx,T4,1,0,us,0.0\ny,T4,0,1,us,\nz,T4000,1,1,us,\n", encoding="utf-8"
    )
    assert listed("T4") == []
    (catalogues / "lambda.csv").write_text(f"{HEAD}x,T4,1,0.35,us,0.11\n", encoding="utf-8")
    assert [one[3] for one in listed("T4")] == [0.11, 0.35]  # a new file is read at once


@pytest.mark.parametrize(
    ("instance", "name", "device"),
    [
        ("p4d.24xlarge", "A100", "A100-SXM-40GB"),
        ("p5.48xlarge", "H100", "H100-SXM"),
        ("a3-highgpu-8g", "H100", "H100-SXM"),
        ("Standard_ND96isr_H100_v5", "H100", "H100-SXM"),
        ("g6.xlarge", "L4", "L4"),
        ("p5en.48xlarge", "H200", "H200-SXM"),
    ],
)
def test_large_clouds_build_one_form_factor_into_an_instance(
    catalogues: Path, instance: str, name: str, device: str
) -> None:
    """Their names do not say which."""
    described = "\"{'SizeInMiB': 40960}\"" if name == "A100" else ""
    text = f"{HEAD.strip()},GpuInfo\n{instance},{name},8,80,us,,{described}\n"
    (catalogues / "aws.csv").write_text(text, encoding="utf-8")
    assert ("aws", instance, 8, 10.0, "on-demand") in listed(device)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("InstanceType,Price\nx,1\n", "lambda.csv, line 1: there is no column 'AcceleratorName'; a catalogue"),
        (f"{HEAD}x,T4,1,cheap,us,\n", "lambda.csv, line 2: Price is 'cheap', which is no number from 0"),
        (f"{HEAD}x,T4,1,nan,us,\n", "line 2: Price is 'nan'"),
        (f"{HEAD}x,T4,-8,1,us,\n", "line 2: AcceleratorCount is '-8'"),
        (f'{HEAD}"x,T4', "lambda.csv: cannot be read"),
    ],
)
def test_a_broken_catalogue_is_refused_with_file_and_line(catalogues: Path, text: str, sentence: str) -> None:
    """The sentence says what to do."""
    (catalogues / "lambda.csv").write_text(text, encoding="utf-8")
    with pytest.raises(TableError, match=sentence):
        listed("T4")


def test_a_link_to_nothing_is_no_catalogue(catalogues: Path) -> None:
    """The error names the link."""
    (catalogues / "azure.csv").symlink_to(catalogues / "nothing")
    with pytest.raises(TableError, match=r"azure.csv: cannot be read .*; download the file again"):
        listed("T4")


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="has no pipes")
def test_a_pipe_is_no_catalogue(catalogues: Path) -> None:
    """It would wait for a writer."""
    (catalogues / "lambda.csv").unlink()
    os.mkfifo(catalogues / "lambda.csv")
    with pytest.raises(TableError, match=r"lambda.csv: cannot be read .*it is a folder, a device or a pipe"):
        listed("T4")
