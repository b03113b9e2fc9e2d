"""The topics of the made-up newsroom's rounds, read from topics.toml. Pure content."""

import tomllib
from pathlib import Path

from app.voting.rounds import TopicDraft

_content = tomllib.loads(Path(__file__).with_name("topics.toml").read_text(encoding="utf-8"))


def _drafts(key: str) -> tuple[TopicDraft, ...]:
    return tuple(TopicDraft(**topic) for topic in _content[key])


#: The question of every round, with a place for the `month`, and what the newsroom promises.
QUESTION: str = _content["question"]
PROMISE: str = _content["promise"]
#: Eight that are open now.
OPEN = _drafts("open")
#: The winners of the closed rounds, the oldest first.
FAVOURITES = _drafts("favourites")
#: Others, suggested again and again.
RECURRING = _drafts("recurring")
