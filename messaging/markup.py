"""HTML of mails: made whole for sending, made harmless for looking at, and read as text.

PURE: no Django, no network. Style sheets elsewhere are never fetched.
"""

import re
from html import escape
from html.parser import HTMLParser

import css_inline
import nh3

_INLINER = css_inline.CSSInliner(
    inline_style_tags=True,
    keep_style_tags=False,
    keep_at_rules=True,
    load_remote_stylesheets=False,
)
_BODY = re.compile(r"<body\b[^>]*>", re.IGNORECASE)
_BODY_END = re.compile(r"</body\s*>", re.IGNORECASE)
_STYLE = re.compile(r"<style\b", re.IGNORECASE)


def complete(html: str, *, preheader: str, way_out: str, address: str) -> str:
    """Put the preheader at the beginning and, where the mail shows none, a way out at its end.

    Parameters
    ----------
    html
        A whole document or a fragment.
    preheader
        What a mail program shows after the subject; plain text.
    way_out
        The address at which to unsubscribe; empty if the mail has it already.
    address
        The sender's postal address, shown beside the way out.
    """
    before = after = ""
    if preheader.strip():
        before = (
            '<div style="display:none;max-height:0;overflow:hidden;mso-hide:all">'
            f"{escape(preheader.strip())}</div>"
        )
    if way_out:
        lines = [f'<a href="{escape(way_out)}" style="color:#6b7280">Unsubscribe</a>']
        lines += [escape(address)] if address else []
        after = (
            '<div style="margin:32px 0 16px;font:12px/1.5 sans-serif;color:#6b7280;'
            f'text-align:center">{"<br>".join(lines)}</div>'
        )
    if not _BODY.search(html):
        return (
            '<!DOCTYPE html><html><head><meta charset="utf-8">'
            '<meta name="viewport" content="width=device-width"></head>'
            f"<body>{before}{html}{after}</body></html>"
        )
    opening = _BODY.search(html)
    if before and opening:
        html = html[: opening.end()] + before + html[opening.end() :]
    if after:
        closings = list(_BODY_END.finditer(html))
        at = closings[-1].start() if closings else len(html)
        html = html[:at] + after + html[at:]
    return html


def inline_styles(html: str) -> str:
    """Write the rules of style sheets into the elements, where mail programs honour them."""
    if not _STYLE.search(html):
        return html
    try:
        return _INLINER.inline(html)
    except css_inline.InlineError:
        # A style sheet that can't be read costs the mail its looks, not its delivery.
        return html


_ATTRIBUTES: dict[str, set[str]] = {
    "*": {
        "align",
        "bgcolor",
        "border",
        "class",
        "color",
        "dir",
        "height",
        "lang",
        "role",
        "style",
        "title",
        "valign",
        "width",
    },
    "a": {"href", "name", "target"},
    "img": {"src", "alt", "srcset", "sizes"},
    "table": {"cellpadding", "cellspacing"},
    "td": {"colspan", "rowspan", "nowrap"},
    "th": {"colspan", "rowspan", "nowrap", "scope"},
    "font": {"face", "size"},
    "ol": {"start", "type"},
}
_TAGS = set(nh3.ALLOWED_TAGS) | {"font", "section", "main", "tfoot", "big"}


def harmless(html: str) -> str:
    """Return the HTML without anything that acts: scripts, forms, frames, handlers, odd links.

    Examples
    --------
    >>> harmless('<p onclick="x()">Hi<script>y()</script> <a href="javascript:z()">there</a></p>')
    '<p>Hi <a rel="noopener noreferrer">there</a></p>'
    """
    return nh3.clean(
        html,
        tags=_TAGS,
        attributes=_ATTRIBUTES,
        url_schemes={"http", "https", "mailto", "tel", "cid"},
        clean_content_tags={"script", "style", "title", "template", "noscript"},
    )


def document(html: str) -> str:
    """Return a harmless whole page of a mail, for a sandboxed frame."""
    return (
        '<!DOCTYPE html><html><head><meta charset="utf-8"><base target="_blank">'
        '<meta name="viewport" content="width=device-width">'
        "<style>body{margin:16px;background:#fff;color:#111;font-family:sans-serif}</style>"
        f"</head><body>{harmless(html)}</body></html>"
    )


def text_of(html: str) -> str:
    r"""Read a mail's HTML as plain text, links with their addresses.

    Examples
    --------
    >>> text_of('<h1>Hi</h1><p>Your <a href="https://shop.example/c">cart</a><br>waits.</p>')
    'Hi\n\nYour cart (https://shop.example/c)\nwaits.'
    """
    reader = _TextReader()
    reader.feed(html)
    reader.close()
    return reader.text()


_UNREAD = frozenset({"script", "style", "head", "title", "template", "noscript"})
_PARAGRAPHS = frozenset(
    {"p", "div", "h1", "h2", "h3", "h4", "h5", "h6", "table", "ul", "ol", "blockquote", "section"}
)


class _TextReader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self._pieces: list[str] = []
        self._unread = 0
        self._links: list[tuple[str, int]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        attributes = dict(attrs)
        if tag in _UNREAD:
            self._unread += 1
        elif tag == "a":
            self._links.append((attributes.get("href") or "", len(self._pieces)))
        elif tag == "img":
            self._pieces.append(attributes.get("alt") or "")
        elif tag in ("br", "tr"):
            self._pieces.append("\n")
        elif tag == "li":
            self._pieces.append("\n- ")
        elif tag in _PARAGRAPHS:
            self._pieces.append("\n\n")

    def handle_endtag(self, tag: str) -> None:
        if tag in _UNREAD:
            self._unread = max(0, self._unread - 1)
        elif tag == "a" and self._links:
            address, since = self._links.pop()
            shown = "".join(self._pieces[since:]).strip()
            if address.startswith(("http://", "https://")) and address != shown:
                self._pieces.append(f" ({address})" if shown else address)
        elif tag in ("td", "th"):
            self._pieces.append(" ")
        elif tag in _PARAGRAPHS:
            self._pieces.append("\n\n")

    def handle_data(self, data: str) -> None:
        if not self._unread:
            self._pieces.append(re.sub(r"\s+", " ", data))

    def text(self) -> str:
        """What has been read, with its white space in order."""
        joined = re.sub(r"[ \t\xa0]*\n[ \t\xa0]*", "\n", "".join(self._pieces))
        joined = re.sub(r"[ \t\xa0]{2,}", " ", joined)
        return re.sub(r"\n{3,}", "\n\n", joined).strip()
