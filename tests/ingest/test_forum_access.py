"""Forums are read where that is allowed, and keys shown to nobody else."""

import os
import subprocess
import sys
from collections.abc import Iterator

import pytest
import requests

from ingest.errors import BadSource
from ingest.forum.connection import Guarded, Limits, PrivateAddress
from ingest.forum.topics import Credentials, Discourse
from tests.ingest.forum_server import TOPIC, Forum, a_forum

FIRST = f"/t/{TOPIC}.json"


@pytest.fixture
def forum() -> Iterator[Forum]:
    with a_forum() as server:
        yield server


def test_hosts_of_a_private_network_are_refused_unless_allowed(forum: Forum) -> None:
    with Discourse() as careful:
        for host in (forum.host, f"localhost:{forum.server_port}", "[::1]", "10.0.0.1"):
            with pytest.raises(BadSource, match="JOURNALCLUB_ALLOW_PRIVATE_HOSTS"):
                careful.fetch(f"http://{host}/t/{TOPIC}")
    assert forum.asked == []


def test_a_name_that_leads_into_the_house_after_it_was_checked_is_asked_nothing(
    forum: Forum,
) -> None:
    with requests.Session() as session:
        session.mount("http://", Guarded(Limits(only_public=True, seconds=5)))
        with pytest.raises(PrivateAddress):
            session.get(f"http://localhost:{forum.server_port}{FIRST}", timeout=5)
    assert forum.asked == []


@pytest.mark.parametrize(
    "address",
    [
        "[::ffff:127.0.0.1]",
        "[::127.0.0.1]",
        "[64:ff9b::a00:1]",
        "[64:ff9b:1::a00:1]",
        "[2002:a00:1::1]",
        "[fec0::1]",
    ],
)
def test_a_private_address_in_the_guise_of_another_is_refused(address: str) -> None:
    with Discourse() as careful, pytest.raises(BadSource, match="private network"):
        careful.fetch(f"https://{address}/t/{TOPIC}")


def test_an_api_key_goes_to_its_own_forum_only(forum: Forum) -> None:
    for host, sent in ((forum.host, ("a-key", "ann")), ("forum.example.org", (None, None))):
        keys = Credentials(host, "a-key", "ann")
        with Discourse(credentials=keys, allow_private_hosts=True) as knowing:
            knowing.fetch(forum.url)
        assert forum.keys[-1] == sent
        assert "a-key" not in repr(keys)


def test_an_api_key_is_not_sent_where_others_could_listen(forum: Forum) -> None:
    """A proxy stands in for the network between us and a public address."""
    code = (
        "from ingest.forum.topics import Credentials, Discourse\n"
        "keys = Credentials('8.8.8.8', 'a-key', 'ann')\n"
        "with Discourse(credentials=keys) as knowing:\n"
        f"    print(len(knowing.fetch('http://8.8.8.8/t/{TOPIC}').posts))\n"
        "    knowing.fetch('http://8.8.8.8/t/42')\n"
    )
    environment = {**os.environ, "http_proxy": f"http://{forum.host}"}

    done = subprocess.run(
        [sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=False
    )

    assert (done.stdout, forum.keys) == ("3\n", [(None, None)] * 2)
    assert "the API key is sent over https only: give the topic's URL with https" in done.stderr
