"""The workflows of GitHub and the set-up of Binder: what they call, install and may write.

PyYAML and packaging come with jupyter-book and pytest. The form of the files is for `make check`.
"""

import re
import tomllib
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]
FILES = sorted((ROOT / ".github" / "workflows").glob("*.yml"))
CPU = "--index-url https://download.pytorch.org/whl/cpu"
FIRST_TORCH = {"3.11": "2.0", "3.14": "2.9"}  # with wheels for this Python


def read(*names):
    return ROOT.joinpath(*names).read_text(encoding="utf-8")


def jobs(name):
    return yaml.safe_load(read(".github", "workflows", name))["jobs"]


def commands(name):
    return "\n".join(step.get("run", "") for job in jobs(name).values() for step in job["steps"])


def project(name):
    """Return the range of Python or torch that pyproject.toml promises, as text."""
    table = tomllib.loads(read("pyproject.toml"))["project"]
    (torch,) = (line for line in table["dependencies"] if line.startswith("torch"))
    return {"python": table["requires-python"], "torch": torch.removeprefix("torch")}[name]


by_file = pytest.mark.parametrize("name", [path.name for path in FILES])


@by_file
def test_workflows_call_only_targets_of_the_makefile(name):
    called = re.findall(r"\bmake ([\w-]+)", commands(name))
    assert called or name in ("ci.yml", "release.yml")
    assert set(called) <= set(re.findall(r"^([a-z-]+):", read("Makefile"), re.M))


@by_file
def test_jobs_end_and_only_those_without_our_packages_may_write(name):
    assert yaml.safe_load(read(".github", "workflows", name))["permissions"] == {"contents": "read"}
    for job in jobs(name).values():
        assert job["timeout-minutes"] <= 60
        if "write" in job.get("permissions", {}).values():
            assert not re.search("checkout|setup-python|pip|make ", str(job["steps"]))


@pytest.mark.parametrize(
    "text",
    [*(commands(path.name) for path in FILES), read(".binder", "postBuild"), read("README.md")],
    ids=[*(path.name for path in FILES), "postBuild", "README.md"],
)
def test_wherever_a_cpu_build_is_installed_it_is_of_the_project_s_range(text):
    assert f'pip install "torch{project("torch")}" {CPU}\n' in text
    assert text.count(CPU) == 1


def test_windows_runs_the_commands_that_readme_gives_by_hand():
    block = re.search(r"### Without make.*?```sh\n(.*?)```", read("README.md"), re.DOTALL)[1]
    by_hand = [re.sub(r" +#.*", "", line) for line in block.splitlines()]
    steps = [step for step in jobs("ci.yml")["test"]["steps"] if step.get("name") == "Test by hand"]
    strict, *run = steps[0]["run"].splitlines()
    assert strict == "$PSNativeCommandUseErrorActionPreference = $true"
    assert run == by_hand
    assert steps[0]["if"] == "runner.os == 'Windows'"
