"""The jobs for experiments, run line by line: a push to a repository beside, and a stand-in gh."""

import subprocess

import pytest

from stages.params import yaml
from tests.pipeline.clone import Clone
from tests.workflows import shell

pytestmark = pytest.mark.slow

TOKEN = "token-of-a-test"
TYPED = {"SET": "query_loop.budget=2 'plot.title=Two words'", "NAME": "budget-2"}
RESULTS = ("metrics", "plots")

# What a host is asked for goes to a file, one argument or push option a line.
GH = """#!/bin/sh
test "$GH_TOKEN" && printf '%s\\n' "$@" >> "$HOME/asked"
"""
HOOK = """#!/bin/sh
env | grep '^GIT_PUSH_OPTION_[0-9]' | cut -d= -f2- >> "$HOME/asked"
"""


def write_program(path, text):
    path.parent.mkdir(exist_ok=True)
    path.write_text(text, encoding="utf-8")
    path.chmod(0o755)


@pytest.fixture
def origin(tmp_path, clone):
    """A repository that the clone pushes to."""
    path = tmp_path / "origin.git"
    clone.run("git", "init", "--quiet", "--bare", str(path))
    clone.run("git", "--git-dir", str(path), "config", "receive.advertisePushOptions", "true")
    clone.run("git", "remote", "add", "origin", str(path))
    write_program(path / "hooks" / "post-receive", HOOK)
    write_program(tmp_path / "bin" / "gh", GH)

    clone.link_environment()
    clone.env |= {"HOME": str(tmp_path), "PATH": f"{tmp_path / 'bin'}:{clone.env['PATH']}"}
    return path


def bash(clone, script, env):
    """Run a script as the runners do; tell whether all went well."""
    done = subprocess.run(
        ["bash", "-eo", "pipefail", "-c", script], cwd=clone.path, env=clone.env | env,
        stdin=subprocess.DEVNULL, check=False,
    )  # fmt: skip
    return done.returncode == 0


def github(clone, typed):
    """Run GitHub's job; tell whether it made a proposal."""
    job = yaml.read(shell.GITHUB[1])["jobs"]["experiment"]
    contexts = {
        "${{ inputs.base }}": "main",
        "${{ inputs.name }}": typed["NAME"],
        "${{ inputs.overrides }}": typed["SET"],
        "${{ github.token }}": TOKEN,
    }
    constant = job["env"] | {"GITHUB_STEP_SUMMARY": str(clone.path.parent / "summary")}
    went_well = {}
    for step in (step for step in job["steps"] if "run" in step):
        goes_on = went_well["experiment"] if "if" in step else all(went_well.values())
        if goes_on:
            env = {name: contexts[value] for name, value in step.get("env", {}).items()}
            name = step.get("id", step["name"])
            went_well[name] = bash(clone, step["run"], constant | env)
    return went_well.get("Propose the result", False)


def gitlab(clone, typed):
    """Run GitLab's job up to the line that tells of the checks; tell whether it made a proposal."""
    pipeline = yaml.read(shell.GITLAB)
    env = {name: value for name, value in pipeline["variables"].items() if isinstance(value, str)}
    env |= {
        "CI_COMMIT_BRANCH": "main",
        "CI_PROJECT_PATH": "origin",
        "CI_SERVER_HOST": "gitlab.test",
        "CI_SERVER_PORT": "443",
        "CI_SERVER_PROTOCOL": "https",
        "PUSH_TOKEN": TOKEN,
        "GIT_CONFIG_COUNT": "1",
        "GIT_CONFIG_KEY_0": f"url.{clone.path.parent}/.insteadOf",
        "GIT_CONFIG_VALUE_0": f"https://oauth2:{TOKEN}@gitlab.test:443/",
    }
    *lines, last = pipeline["experiment"]["script"]
    assert last == 'test -z "${failed:-}"'
    return bash(clone, "\n".join(lines), env | typed)


def asked(clone):
    """What the host was asked for."""
    path = clone.path.parent / "asked"
    return path.read_text(encoding="utf-8").splitlines() if path.exists() else []


def pushed(origin, clone):
    """Branches of the repository."""
    return clone.run("git", "--git-dir", str(origin), "branch", "--list").stdout.split()


def check_branch(clone, origin):
    """The branch has the experiment's params and results, and nothing else."""
    assert pushed(origin, clone) == ["experiment/budget-2"]
    branch = Clone(clone.path.parent / "branch", clone.env)
    clone.run("git", "clone", "--quiet", "-b", "experiment/budget-2", str(origin), "../branch")
    params = yaml.read(branch.path / "params.yaml")
    assert params["query_loop"]["budget"] == 2
    assert params["plot"]["title"] == "Two words"
    assert branch.content("metrics", "plots") == clone.content("metrics", "plots")
    changed = branch.run("git", "diff", "--name-only", "HEAD^", "HEAD").stdout.split()
    assert {"params.yaml", "dvc.lock", "metrics/summary.json"} <= set(changed)
    assert {name.split("/")[0] for name in changed} <= {"params.yaml", "dvc.lock", *RESULTS}


def test_github_is_asked_for_a_pull_request_with_the_report(clone, origin):
    assert github(clone, TYPED)
    check_branch(clone, origin)
    assert asked(clone)[:2] == ["auth", "setup-git"]
    assert asked(clone)[2:] == [
        "pr", "create", "--base=main", "--head=experiment/budget-2",
        "--title=Experiment budget-2", "--body-file=report/body.txt",
    ]  # fmt: skip
    body = (clone.path / "report" / "body.txt").read_text(encoding="utf-8")
    assert "    query_loop.budget=2\n    plot.title=Two words\n" in body
    assert "| params.yaml | query_loop.budget | 3 " in body
    report = (clone.path / "report" / "check.md").read_text(encoding="utf-8")
    assert report.splitlines()[0] in body
    assert "](check" not in body
    assert (clone.path.parent / "summary").read_text(encoding="utf-8") == body


def test_gitlab_is_asked_for_a_merge_request_with_the_report(clone, origin):
    assert gitlab(clone, TYPED)
    check_branch(clone, origin)
    create, target, title, description = asked(clone)
    assert create == "merge_request.create"
    assert target == "merge_request.target=main"
    assert title == "merge_request.title=Experiment budget-2"
    assert description.startswith("merge_request.description=# Experiment budget-2\\n\\n")
    assert "    query_loop.budget=2\\n    plot.title=Two words\\n" in description
    assert "](check" not in description


@pytest.mark.parametrize("job", [github, gitlab])
@pytest.mark.parametrize(
    "typed",
    [
        {"SET": "split.seed=7; touch made"},
        {"SET": "$(shell touch made)"},
        {"NAME": '"; touch made; "'},
    ],
    ids=str,
)
def test_typed_text_is_never_run(clone, origin, job, typed):
    assert not job(clone, TYPED | typed)
    assert asked(clone) == []
    assert pushed(origin, clone) == []
    assert list(clone.path.parent.rglob("made")) == []
    assert clone.changed_in_git() == []
