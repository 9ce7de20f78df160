"""What a convention builds, it checks; and nothing that is typed makes the checking fail."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from segments.naming import DATE_FORMATS, Part, Template, name_build, name_check, template_problems

WORDS = st.text(st.characters(codec="utf-8", exclude_characters="·"), min_size=1).filter(
    lambda text: text == text.strip()
)


@st.composite
def parts(draw: st.DrawFn, key: str) -> tuple[Part, str]:
    """A part that is required, and a value of it."""
    kind = draw(st.sampled_from(["text", "date", "choice"]))
    if kind == "date":
        form = draw(st.sampled_from(sorted(DATE_FORMATS)))
        day = draw(st.dates())
        value = "".join(
            {"YYYY": f"{day.year:04}", "MM": f"{day.month:02}", "DD": f"{day.day:02}"}.get(one, one)
            for one in form.replace("YYYY", "\0YYYY\0").replace("MM", "\0MM\0")
            .replace("DD", "\0DD\0").split("\0")
        )  # fmt: skip
        return Part(key, key, "date", format=form), value
    if kind == "choice":
        choices = tuple(draw(st.lists(WORDS, min_size=1, max_size=5, unique=True)))
        return Part(key, key, "choice", choices), draw(st.sampled_from(choices))
    return Part(key, key), draw(WORDS)


@given(st.data(), st.integers(1, 5))
def test_what_is_built_of_fitting_values_is_checked_as_right(data: st.DataObject, n: int) -> None:
    drawn = [data.draw(parts(f"p{number}")) for number in range(n)]
    template = Template(tuple(part for part, _ in drawn))
    assert template_problems(template) == []
    values = {part.key: value for part, value in drawn}
    name, problems = name_build(values, template)
    assert problems == []
    found = name_check(name, template)
    assert (found.problems, found.values) == ((), values)


@given(st.text(max_size=200), st.booleans())
def test_any_text_is_checked(name: str, required: bool) -> None:
    template = Template(
        (
            Part("date", "Date", "date", required=required),
            Part("what", "Campaign", required=required),
            Part("team", "Department", "choice", ("Sales",), required=required),
        )
    )
    found = name_check(name, template)
    assert set(found.values) <= {"date", "what", "team"}
    assert all(problem for problem in found.problems)
    if not found.problems:
        assert name_build(found.values, template) == (name, [])
