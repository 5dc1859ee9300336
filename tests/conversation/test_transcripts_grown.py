"""Every transcript once more, on an installation with PostgreSQL and Redis."""

from __future__ import annotations

import pytest

from tests.conversation.test_transcripts import TRANSCRIPTS, Played, play
from tests.installation import grown
from tests.servers import Addresses

REDIS = 1


@pytest.fixture(scope="session")
def played_grown(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, addresses: Addresses
) -> Played:
    home = tmp_path_factory.mktemp("grown")
    return play(request.session, home, test_a_transcript_grown.__name__, lambda: grown(addresses, REDIS))


@pytest.mark.parametrize("name", TRANSCRIPTS)
def test_a_transcript_grown(played_grown: Played, name: str) -> None:
    if wrong := played_grown.outcomes[name]:
        raise wrong


def test_no_process_broke_down_meanwhile(played_grown: Played) -> None:
    assert {name: lines for name, lines in played_grown.printed.items() if "Traceback" in lines} == {}
