"""The e-mails of the demo shop: one sober layout, and what each mail says. PURE."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

_LAYOUT: Final = """\
<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>The Demo Outfitter</title>
<style>
  body { margin: 0; padding: 0; background: #f3f5f5; }
  .sheet { width: 100%%; max-width: 560px; margin: 0 auto; background: #ffffff;
           border-radius: 12px; }
  .in { padding: 32px 36px; font: 16px/1.55 Helvetica, Arial, sans-serif; color: #16201f; }
  .head { padding: 24px 36px 0; font: 600 14px Helvetica, Arial, sans-serif; color: #0b7a75;
          letter-spacing: 0.04em; }
  h1 { margin: 0 0 14px; font: 600 24px/1.25 Helvetica, Arial, sans-serif; color: #16201f; }
  p { margin: 0 0 14px; }
  .go { display: inline-block; margin: 10px 0 6px; padding: 12px 22px; border-radius: 8px;
        background: #0b7a75; color: #ffffff; text-decoration: none; font-weight: 600; }
  .box { padding: 14px 16px; border: 1px solid #e3e6e7; border-radius: 8px; margin: 6px 0 16px; }
  .quiet { color: #5a6765; font-size: 13px; }
  .foot { padding: 18px 36px 28px; font: 12px/1.5 Helvetica, Arial, sans-serif; color: #67736f; }
  .foot a { color: #67736f; }
  @media (max-width: 600px) { .in, .head, .foot { padding-left: 22px; padding-right: 22px; } }
</style>
</head>
<body>
<table role="presentation" width="100%%" cellpadding="0" cellspacing="0"><tr>
<td style="padding:24px 12px">
<table role="presentation" class="sheet" align="center" cellpadding="0" cellspacing="0">
<tr><td class="head">THE DEMO OUTFITTER</td></tr>
<tr><td class="in">
%(body)s
</td></tr>
<tr><td class="foot">You get this because you have an account with {{ workspace.name }}.
<a href="{{ unsubscribe_url }}">Unsubscribe</a><br>{{ workspace.postal_address }}</td></tr>
</table>
</td></tr></table>
</body>
</html>
"""


@dataclass(frozen=True, slots=True)
class Mail:
    """One template: its key and name, and its parts in Liquid. `body` is what the layout holds."""

    key: str
    name: str
    subject: str
    preheader: str
    body: str

    @property
    def html(self) -> str:
        """The whole mail."""
        return _LAYOUT % {"body": self.body}


def _button(words: str, path: str) -> str:
    return f'<p><a class="go" href="https://shop.example.com{path}">{words}</a></p>'


_HELLO: Final = '<p>Hello {{ first_name | default: "there" }},</p>'

MAILS: Final = (
    Mail(
        "cart-reminder",
        "You left something",
        "{% if first_name %}{{ first_name }}, you{% else %}You{% endif %} left something behind",
        "We have kept it for you.",
        f"""<h1>Still thinking it over?</h1>
{_HELLO}
<p>What you chose is still in your cart. Take your time: we keep it for three days.</p>
{_button("Back to my cart", "/cart")}
<p class="quiet">Did something not work? Just reply, a person reads it.</p>""",
    ),
    Mail(
        "cart-discount",
        "10 % until Friday",
        "10 % off what is in your cart, until Friday",
        "Your cart, a little lighter.",
        f"""<h1>10 % off, until Friday</h1>
{_HELLO}
<p>Your cart is about to be emptied. If the price is what held you back, this may help:</p>
<div class="box"><strong>KEEPGOING10</strong><br>
<span class="quiet">10 % off everything in your cart, once, until Friday.</span></div>
{_button("Use it now", "/cart")}""",
    ),
    Mail(
        "cart-help",
        "Can we help you choose?",
        "Can we help you choose{% if first_name %}, {{ first_name }}{% endif %}?",
        "Sizes, materials, delivery: ask us.",
        f"""<h1>Can we help you choose?</h1>
{_HELLO}
<p>You came back to look at your cart. If you are not sure about a size or a material, reply to this
mail and somebody who uses these things every weekend will answer.</p>
{_button("Look at it once more", "/cart")}""",
    ),
    Mail(
        "lead-hello",
        "A word from your outfitter",
        "{{ first_name | default: 'Hello' }}, may I help you plan?",
        "Your personal outfitter.",
        f"""<h1>May I help?</h1>
{_HELLO}
<p>My name is Noor. I look after people who prepare something bigger{{% if city %}}, and I know
the shops around {{{{ city }}}}{{% endif %}}. Tell me where you are going, and I will make you a
list of what you need and, more useful, of what you do not.</p>
{_button("Pick a time to talk", "/talk")}""",
    ),
    Mail(
        "trial-start",
        "Your trial has begun",
        "Your trial has begun{% if first_name %}, {{ first_name }}{% endif %}",
        "Three things to try first.",
        f"""<h1>Welcome to the club</h1>
{_HELLO}
<p>Your trial of the plan <strong>{{{{ trigger.plan | default: "club" }}}}</strong> has begun. It
costs nothing until it ends. To try first:</p>
<div class="box">1. Borrow a tent for a weekend<br>2. Send in one pair of shoes for repair<br>
3. Come along on Saturday</div>
{_button("Open my membership", "/membership")}""",
    ),
    Mail(
        "trial-connect",
        "One step is missing",
        "One step is missing before your trial ends",
        "Connect your payment account.",
        f"""<h1>One step is missing</h1>
{_HELLO}
<p>So that nothing stops when your trial ends, connect your payment account. It takes a minute, and
you can still leave at any time.</p>
{_button("Connect my account", "/membership/payment")}""",
    ),
    Mail(
        "trial-last-day",
        "Last day of your trial",
        "Last day of your trial",
        "Stay, or leave without a word.",
        f"""<h1>It ends today</h1>
{_HELLO}
<p>Your trial ends today. If you liked it, staying takes one click. If not, do nothing: the plan
ends by itself.</p>
{_button("I want to stay", "/membership")}""",
    ),
    Mail(
        "welcome",
        "Welcome",
        "Welcome{% if first_name %}, {{ first_name }}{% endif %}",
        "Good that you are here.",
        f"""<h1>Good that you are here</h1>
{_HELLO}
<p>We rent, repair and sell what you need outdoors. The best of it is lent, not sold: have a look at
the membership before you buy a tent.</p>
{_button("See what others take along", "/camping")}""",
    ),
    Mail(
        "news-hello",
        "Your first letter",
        "Your first letter: five walks near {{ city | default: 'you' }}",
        "A short letter every second Thursday.",
        f"""<h1>Five walks near {{{{ city | default: "you" }}}}</h1>
{_HELLO}
<p>Thank you for subscribing. Every second Thursday you get one short letter: a place, a piece of
equipment that lasts, and one that does not.</p>
{_button("Read the letter", "/letters/1")}""",
    ),
    Mail(
        "win-back",
        "It has been a while",
        "It has been a while{% if first_name %}, {{ first_name }}{% endif %}",
        "What is new since you were here.",
        f"""<h1>It has been a while</h1>
{_HELLO}
<p>Since you were here we have opened the repair room and taken in forty new things to borrow.</p>
{_button("See what is new", "/")}""",
    ),
)
