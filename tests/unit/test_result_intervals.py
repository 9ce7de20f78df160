"""Intervals against published figures, and what they let one say."""

import pytest

from flows.results.intervals import difference, wilson
from flows.results.words import Branch, verdict


@pytest.mark.parametrize(
    ("hits", "n", "low", "high"),
    [
        # Newcombe 1998 (Statistics in Medicine 17:857), table I, method 3
        (81, 263, 0.2553, 0.3662),
        (15, 148, 0.0624, 0.1605),
        (0, 20, 0.0, 0.1611),
        (1, 29, 0.0061, 0.1718),
    ],
)
def test_wilsons_interval_is_the_published_one(hits: int, n: int, low: float, high: float) -> None:
    assert wilson(hits, n) == pytest.approx((low, high), abs=5e-5)


@pytest.mark.parametrize(
    ("counts", "low", "high"),
    [
        # Newcombe 1998 (Statistics in Medicine 17:873), table II, method 10
        ((56, 70, 48, 80), 0.0524, 0.3339),
        ((9, 10, 3, 10), 0.1705, 0.8090),
        ((10, 10, 0, 20), 0.6791, 1.0),
        ((5, 56, 0, 29), -0.0381, 0.1926),
    ],
)
def test_newcombes_interval_is_the_published_one(
    counts: tuple[int, int, int, int], low: float, high: float
) -> None:
    assert difference(*counts) == pytest.approx((low, high), abs=5e-5)


def test_of_nobody_nothing_is_known() -> None:
    assert wilson(0, 0) == (0.0, 1.0)
    assert difference(0, 0, 1, 2) == (-1.0, 1.0)


def test_a_clear_difference_is_said_with_its_bounds() -> None:
    best, words = verdict([Branch("a", 1000, 100), Branch("b", 1000, 160)])
    assert best == "b"
    assert words == "b converts 6.0 points more than a (between 3.1 and 8.9, 95 %)."


@pytest.mark.parametrize(
    ("branches", "beginning"),
    [
        ([], "There is nothing to compare yet"),
        ([Branch("a", 5, 5), Branch("b", 0, 0)], "There is nothing to compare yet"),
        ([Branch("a", 50, 0), Branch("b", 50, 0)], "No difference can be told yet: nobody"),
        ([Branch("a", 10, 2), Branch("b", 10, 2)], "No difference can be told yet: a and b"),
        ([Branch("a", 10, 2), Branch("b", 10, 3)], "No difference can be told yet: b is 10.0"),
    ],
)
def test_what_cannot_be_told_is_not_said(branches: list[Branch], beginning: str) -> None:
    best, words = verdict(branches)
    assert best is None
    assert words.startswith(beginning)


def test_of_several_branches_the_best_must_beat_each_other_more_surely() -> None:
    two = [Branch("a", 400, 40), Branch("b", 400, 60)]
    assert verdict(two)[0] == "b"
    best, words = verdict([*two, Branch("c", 400, 39), Branch("d", 400, 38)])
    assert best is None, words
    best, words = verdict([*two, Branch("c", 400, 120)])
    assert best == "c"
    assert "all 2 comparisons" in words
