"""Mails looked at and read: nothing in them acts, and their text says what their HTML says."""

import pytest

from messaging.markup import complete, document, harmless, inline_styles, text_of


@pytest.mark.parametrize(
    "hostile",
    [
        "<script>alert(1)</script>",
        '<img src="x" onerror="alert(1)">',
        '<a href="javascript:alert(1)">x</a>',
        '<iframe src="https://evil.example"></iframe>',
        '<form action="https://evil.example"><input name="password"></form>',
        "<svg><script>alert(1)</script></svg>",
        '<meta http-equiv="refresh" content="0;url=https://evil.example">',
        '<base href="https://evil.example">',
        '<object data="https://evil.example"></object>',
        "<style>@import url(https://evil.example)</style>",
    ],
)
def test_nothing_in_a_mail_acts(hostile: str) -> None:
    shown = harmless(hostile)
    for word in ("alert", "evil", "script", "<form", "<iframe", "<meta", "<base"):
        assert word not in shown


def test_the_looks_of_a_mail_are_kept() -> None:
    row = '<tr><td style="color:red">x</td></tr>'
    html = f'<table width="600" bgcolor="#fff"><tbody>{row}</tbody></table>'
    assert harmless(html) == html


def test_a_document_is_a_whole_page() -> None:
    assert document("<p>x</p>").startswith("<!DOCTYPE html>")


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("", ""),
        ("plain", "plain"),
        ("<p>a</p><p>b</p>", "a\n\nb"),
        ("a<br>b", "a\nb"),
        ("<ul><li>a</li><li>b</li></ul>", "- a\n- b"),
        ("<head><title>no</title></head><style>no</style>yes", "yes"),
        ('<a href="https://a.example/">https://a.example/</a>', "https://a.example/"),
        ('<a href="https://a.example/"><img alt="Shop"></a>', "Shop (https://a.example/)"),
        ('<a href="#top">up</a>', "up"),
        ("&lt;b&gt; &amp; &nbsp; c", "<b> & c"),
        ("<p>never <b>closed", "never closed"),
    ],
)
def test_html_is_read_as_text(html: str, text: str) -> None:
    assert text_of(html) == text


def test_the_preheader_is_escaped_and_comes_first() -> None:
    html = complete("<body><p>x</p></body>", preheader="a < b", way_out="", address="")
    assert html.index("a &lt; b") < html.index("<p>x</p>")


def test_style_sheets_elsewhere_are_not_fetched() -> None:
    html = (
        '<link rel="stylesheet" href="http://127.0.0.1:9/x.css"><style>p{color:red}</style><p>x</p>'
    )
    assert "color: red" in inline_styles(html)
