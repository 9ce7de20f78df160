"""News is merged, so that each group speaks at most once per interval and ends up up to date."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from common.live import Coalescer

# In 4096ths of a second, which floats hold exactly: adding them up rounds nothing.
passing = st.integers(0, 800).map(lambda parts: parts / 4096)
happenings = st.lists(st.tuples(st.sampled_from("ab"), passing), max_size=60)


@given(happenings)
def test_no_group_speaks_too_often_and_the_last_news_arrives(
    happened: list[tuple[str, float]],
) -> None:
    news = Coalescer(every_seconds=0.25)
    at = 0.0
    said: dict[str, list[tuple[float, int]]] = {"a": [], "b": []}
    latest: dict[str, int] = {}
    for number, (group, passed) in enumerate(happened):
        at += passed
        news.add(group, {"n": number})
        latest[group] = number
        for spoken, payload in news.due(at):
            said[spoken].append((at, payload["n"]))
    at += 0.25
    for spoken, payload in news.due(at):
        said[spoken].append((at, payload["n"]))

    for group, number in latest.items():
        assert said[group][-1][1] == number
    for times in said.values():
        assert all(b - a >= 0.25 for (a, _), (b, _) in pairwise(times))


def test_the_last_word_need_not_wait() -> None:
    news = Coalescer(every_seconds=10)
    news.add("job.1", {})
    assert news.due(0.0) == [("job.1", {})]
    news.add("job.1", {"over": True})
    assert news.due(1.0) == []
    assert news.take("job.1", 1.0) == [("job.1", {"over": True})]
    assert news.take("job.1", 1.0) == []
