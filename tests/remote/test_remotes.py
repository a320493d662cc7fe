"""What one clone pushed to a remote, another pulls instead of running anything."""

import configparser
import os

import boto3
import pytest
from moto.server import ThreadedMotoServer

from tests.pipeline.clone import ROOT, STAGES, ran
from tests.recipes.pages import recipes

PAGE = "docs/remotes.md"
(SHARE,) = recipes(PAGE, "Share results through a remote")
(FOLDER,) = recipes(PAGE, "A folder")
BUCKET, ADDRESS = recipes(PAGE, "S3")

pytestmark = pytest.mark.slow

CREDENTIALS = {"AWS_ACCESS_KEY_ID": "key-of-a-test", "AWS_SECRET_ACCESS_KEY": "secret-of-a-test"}
REGION = "us-east-1"
SECRET_OPTIONS = {"access_key_id", "secret_access_key", "session_token", "password", "token"}


@pytest.fixture(autouse=True)
def no_settings_of_this_machine(clone, tmp_path, monkeypatch):
    for name in list(os.environ):
        if name.startswith("AWS_"):
            monkeypatch.delenv(name)
    clone.env = {name: value for name, value in clone.env.items() if not name.startswith("AWS_")}
    # Without credentials boto would ask an address that only Amazon's machines have.
    clone.env |= {"HOME": str(tmp_path), "AWS_EC2_METADATA_DISABLED": "true"}


@pytest.fixture
def local(tmp_path):
    """A block that adds a remote in a folder, what differs on this machine, and the credentials."""
    return [FOLDER], {"url": str(tmp_path / "storage")}, {}


@pytest.fixture
def s3():
    """The same for a bucket in a server of this test."""
    server = ThreadedMotoServer("127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    endpoint = f"http://{host}:{port}"
    try:
        client = boto3.client(
            "s3",
            endpoint_url=endpoint,
            region_name=REGION,
            aws_access_key_id=CREDENTIALS["AWS_ACCESS_KEY_ID"],
            aws_secret_access_key=CREDENTIALS["AWS_SECRET_ACCESS_KEY"],
        )
        client.create_bucket(Bucket="my-bucket")
        yield [BUCKET, ADDRESS], {"endpointurl": endpoint}, CREDENTIALS
        client.close()
    finally:
        server.stop()


@pytest.fixture(params=["local", "s3"])
def remote(request):
    """Each kind of remote."""
    return request.getfixturevalue(request.param)


def configure(clone, remote):
    """Add the remote as the page says, commit that, and name its place on this machine."""
    blocks, here, credentials = remote
    for block in blocks:
        clone.shell(block)
    clone.commit()
    place(clone, here)
    return credentials


def place(clone, here):
    """Say what differs on this machine."""
    for name, value in here.items():
        clone.dvc("remote", "modify", "--local", "storage", name, value)


def test_pull_runs_nothing(clone, fresh_clone, remote):
    credentials = configure(clone, remote)
    push, pull = SHARE.splitlines()
    clone.shell(push, **credentials)
    other = fresh_clone(clone, "other")
    place(other, remote[1])
    assert ran(other.shell(pull, **credentials)) == set()
    assert other.content("data") == clone.content("data")
    assert other.changed_in_git() == []


def test_pull_runs_only_what_a_change_touches(clone, fresh_clone, local):
    credentials = configure(clone, local)
    clone.dvc("push", **credentials)
    other = fresh_clone(clone, "other")
    place(other, local[1])
    other.set_params({"query_loop.budget": 2})
    loops = {stage for stage in STAGES if stage.startswith("query-loop")}
    assert other.repro("--pull", **credentials) == loops | {"compare", "plot"}


def test_without_a_remote_there_is_something_to_run(clone, fresh_clone):
    assert "generate" in fresh_clone(clone, "other").stale()


def test_without_credentials_nothing_is_pulled(clone, fresh_clone, s3):
    credentials = configure(clone, s3)
    clone.dvc("push", **credentials)
    other = fresh_clone(clone, "other")
    place(other, s3[1])
    assert "Unable to locate credentials" in other.dvc("pull", ok=False)


def test_credentials_stay_out_of_the_clone(clone, s3):
    credentials = configure(clone, s3)
    clone.dvc("push", **credentials)
    assert clone.changed_in_git() == []
    written = clone.content(".dvc", ".git")
    assert ".dvc/config.local" in written
    for secret in CREDENTIALS.values():
        assert [name for name, content in written.items() if secret.encode() in content] == []


def test_the_local_configuration_cannot_be_committed(clone):
    clone.dvc("remote", "add", "--local", "storage", "s3://bucket/experiments")
    clone.dvc("remote", "modify", "--local", "storage", "secret_access_key", "typed by mistake")
    clone.run("git", "add", "--all")
    assert clone.changed_in_git() == []


def test_the_committed_configuration_has_no_credentials():
    config = configparser.ConfigParser()
    config.read(ROOT / ".dvc" / "config", encoding="utf-8")
    assert config.sections()
    for section in config.values():
        assert SECRET_OPTIONS.isdisjoint(section)
        assert "@" not in section.get("url", "")
