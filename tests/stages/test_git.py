"""One line with what to do where git, a repository or a commit is missing."""

import subprocess

import pytest

from stages import git


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))


def refusal():
    with pytest.raises(git.GitError) as error:
        git.head()
    return str(error.value)


def test_no_repository(folder):
    assert refusal() == (
        "this is not a git repository, which is needed: clone the project, or run "
        "`git init && git add --all && git commit -m Start`."
    )


def test_no_commit(folder):
    subprocess.run(["git", "init", "--quiet"], check=True)
    assert refusal() == (
        "the git repository has no commit yet; run `git add --all && git commit -m Start`."
    )


def test_no_git(folder, tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr("sys.executable", str(tmp_path / "python"))
    assert refusal() == "git is not installed, or not on PATH."


def test_a_damaged_repository_is_not_taken_for_none(folder, tmp_path):
    (tmp_path / ".git").write_text("gitdir: elsewhere")
    assert refusal().startswith("`git rev-parse --git-dir` failed: fatal: not a git repository: ")


def test_all_of_gits_reason_in_one_line(folder):
    subprocess.run(["git", "init", "--quiet"], check=True)
    with pytest.raises(git.GitError) as error:
        git.git("log", "nowhere")
    assert str(error.value).startswith("`git log nowhere` failed: fatal: ambiguous argument")
    assert str(error.value).count("\n") == 0
