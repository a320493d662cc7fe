"""The workflows hold to their rules; what the linters know they check, the rest is here."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from stages.params import yaml
from tests.workflows import shell

BIN = Path(sys.executable).parent
SCHEMAS = {
    "vendor.github-workflows": shell.GITHUB,
    "custom.github-workflows-require-timeout": shell.GITHUB,
    "vendor.gitlab-ci": [shell.GITLAB],
}

MAKEFILE = (shell.ROOT / "Makefile").read_text(encoding="utf-8")

# Everything else is a make target. These only move files, branches and reports about.
PLUMBING = {
    ("awk",),
    ("failed=1",),
    ("gh", "auth", "setup-git"),
    ("gh", "pr", "create"),
    ("git", "add", "--all"),
    ("git", "commit", "--message"),
    ("git", "push"),
    ("git", "switch", "--create"),
    ("grep",),
    ("test", "-z"),
}


def zizmor(folder):
    return subprocess.run(
        [BIN / "zizmor", "--offline", "--no-progress", "--persona=pedantic", folder],
        capture_output=True, text=True, check=False,
    )  # fmt: skip


def validate(paths, schema):
    return subprocess.run(
        [BIN / "check-jsonschema", "--builtin-schema", schema, *paths],
        capture_output=True, text=True, check=False,
    )  # fmt: skip


@pytest.fixture
def edited(tmp_path):
    """Copy a workflow and change a line of it."""

    def edit(path, old, new):
        text = path.read_text(encoding="utf-8")
        assert old in text
        folder = tmp_path / ".github" / "workflows"
        folder.mkdir(parents=True)
        shutil.copy(path, folder)
        (folder / path.name).write_text(text.replace(old, new), encoding="utf-8")
        return folder / path.name

    return edit


def test_there_are_workflows_to_check():
    assert [path.name for path in shell.GITHUB] == ["ci.yaml", "experiment.yaml"]
    assert shell.GITLAB.is_file()


def test_zizmor_finds_nothing():
    done = zizmor(shell.ROOT / ".github" / "workflows")
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize(
    ("old", "new", "finding"),
    [
        ("run: make experiment", "run: make ${{ inputs.name }}", "template-injection"),
        ("          persist-credentials: false\n", "", "artipacked"),
        ("permissions: {}", "permissions: write-all", "excessive-permissions"),
    ],
)
def test_zizmor_would_find(edited, old, new, finding):
    path = edited(shell.GITHUB[1], old, new)
    done = zizmor(path.parent)
    assert done.returncode != 0
    assert finding in done.stdout


@pytest.mark.parametrize("schema", SCHEMAS)
def test_the_schema_fits(schema):
    done = validate(SCHEMAS[schema], schema)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize(
    ("schema", "line"),
    [
        ("vendor.github-workflows", "runs-on: ubuntu-24.04"),
        ("custom.github-workflows-require-timeout", "timeout-minutes: 45"),
        ("vendor.gitlab-ci", "stage: test"),
    ],
)
def test_the_schema_would_not_fit(edited, schema, line):
    path = edited(SCHEMAS[schema][0], line, line.replace(":", "s:"))
    done = validate([path], schema)
    assert done.returncode == 1
    assert "Schema validation errors" in done.stdout


@pytest.mark.parametrize("path", shell.GITHUB, ids=lambda path: path.name)
def test_actions_are_pinned_by_commit(path):
    used = re.findall(r"\buses: *(.*)", path.read_text(encoding="utf-8"))
    assert used
    for action in used:
        assert re.fullmatch(r"actions/[a-z-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+", action)


def test_an_action_has_one_pin():
    text = "".join(path.read_text(encoding="utf-8") for path in shell.GITHUB)
    pins = set(re.findall(r"\buses: *(.*)", text))
    assert len(pins) == len({pin.split("@")[0] for pin in pins})


@pytest.mark.parametrize(
    ("job", "script"),
    shell.scripts(),
    ids=[f"{number}-{job}" for number, (job, _) in enumerate(shell.scripts())],
)
def test_steps_are_make_targets(job, script):
    for words in shell.commands(script):
        if words[0] == "make":
            targets = [word for word in words[1:] if "=" not in word]
            assert targets
            assert set(targets) <= shell.make_targets(), job
            for name in (word.partition("=")[0] for word in words[1:] if "=" in word):
                assert f"$({name})" in MAKEFILE, job
        else:
            assert any(tuple(words[: len(known)]) == known for known in PLUMBING), words


def test_a_step_that_is_no_make_target_would_be_found():
    assert shell.commands('make a b && pip install "x; y" | cat > z || failed=1') == [
        ["make", "a", "b"],
        ["pip", "install", "x; y"],
        ["cat", ">", "z"],
        ["failed=1"],
    ]
    assert {"setup", "lint", "test-all", "repro"} <= shell.make_targets()
    assert "no-such-target" not in shell.make_targets()


def test_github_fills_in_no_line_of_shell():
    assert [job for job, script in shell.scripts() if "${{" in script] == []


def test_typed_text_is_no_argument_of_make():
    lines = [line for _, script in shell.scripts() for line in script.splitlines()]
    arguments = [line for line in lines if line.startswith("make ") and "$" in line]
    assert arguments
    for line in arguments:
        assert set(re.findall(r"\$\{?(\w+)", line)) == {"BASE"}


def test_only_the_experiment_may_write():
    permissions = {name: job.get("permissions") for name, job in shell.github_jobs()}
    assert permissions == {
        "ci.yaml:test": None,
        "ci.yaml:long": None,
        "ci.yaml:results": None,
        "experiment.yaml:experiment": {"contents": "write", "pull-requests": "write"},
    }
    assert [yaml.read(path)["permissions"] for path in shell.GITHUB] == [{"contents": "read"}, {}]


def test_the_token_is_given_to_one_step():
    expressions = [path.read_text(encoding="utf-8") for path in shell.GITHUB]
    assert [len(re.findall(r"github\.token|secrets\b", text)) for text in expressions] == [0, 1]
    *_, last = dict(shell.github_jobs())["experiment.yaml:experiment"]["steps"]
    assert last["env"]["GH_TOKEN"] == "${{ github.token }}"


def test_gitlab_jobs_end():
    jobs = dict(shell.gitlab_jobs())
    assert len(jobs) == 4
    assert all("timeout" in job and "interruptible" in job for job in jobs.values())


def test_both_run_the_same_targets():
    def targets(jobs, scripts_of):
        return {
            name.partition(":")[2]: {
                words[1]
                for script in scripts_of(job)
                for words in shell.commands(script)
                if words[0] == "make"
            }
            for name, job in jobs
        }

    github = targets(
        shell.github_jobs(), lambda job: [step.get("run", "") for step in job["steps"]]
    )
    gitlab = targets(shell.gitlab_jobs(), lambda job: job["script"])
    assert github == gitlab
