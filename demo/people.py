"""Who comes to the demo shop: made-up people from many places. PURE, deterministic by the dice.

Every address is at example.com (RFC 2606), so that nothing ever reaches anybody.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass, field
from random import Random
from typing import Any, Final

from demo.goods import Product

DOMAIN: Final = "example.com"


@dataclass(frozen=True, slots=True)
class Place:
    """A city, with the names that are usual there."""

    city: str
    country: str
    timezone: str
    language: str
    first_names: tuple[str, ...]
    last_names: tuple[str, ...]


_ALMANAC: Final = """
Berlin | DE | Europe/Berlin | de
  Jonas Lena Mia Felix Emre Greta
  Ott Keller Brandt Yıldız Sommer
Vienna | AT | Europe/Vienna | de
  Anna Lukas Theresa Paul Katharina
  Gruber Huber Wagner Novak Pichler
Paris | FR | Europe/Paris | fr
  Camille Hugo Inès Louis Chloé Mehdi
  Dubois Moreau Lefèvre Benali Girard
Madrid | ES | Europe/Madrid | es
  Sofía Pablo Lucía Diego Carmen Álvaro
  García Romero Navarro Ibáñez Vega
Lisbon | PT | Europe/Lisbon | pt
  Sara Tiago Inês Rui Beatriz
  Costa Almeida Ferreira Lopes Pinto
Stockholm | SE | Europe/Stockholm | sv
  Maria Oskar Elsa Nils Freja
  Lindqvist Berg Åkesson Nyström Holm
Warsaw | PL | Europe/Warsaw | pl
  Zofia Jakub Maja Piotr Hanna
  Kowalska Nowak Zieliński Wójcik Mazur
Kyiv | UA | Europe/Kyiv | uk
  Oksana Andriy Daryna Taras Solomiya
  Shevchenko Bondar Kovalenko Melnyk Tkachuk
Istanbul | TR | Europe/Istanbul | tr
  Elif Mert Zeynep Can Defne
  Demir Kaya Şahin Aydın Öztürk
London | GB | Europe/London | en
  Tom Amara Grace Oliver Priya Callum
  Whitaker Okoye Hughes Patel Sinclair
Lagos | NG | Africa/Lagos | en
  Chioma Tunde Ngozi Emeka Adaeze
  Okafor Adeyemi Eze Balogun Nwosu
Nairobi | KE | Africa/Nairobi | en
  Wanjiru Otieno Achieng Kamau Njeri
  Mwangi Odhiambo Kariuki Wekesa Mutua
Mumbai | IN | Asia/Kolkata | en
  Ravi Ananya Arjun Meera Kabir
  Nair Sharma Iyer Deshmukh Khan
Tokyo | JP | Asia/Tokyo | ja
  Aiko Haruto Yui Ren Sakura
  Kimura Sato Tanaka Mori Ishikawa
Seoul | KR | Asia/Seoul | ko
  Minji Jiho Seoyeon Hyun Yuna
  Kim Park Choi Jung Yoon
Hanoi | VN | Asia/Ho_Chi_Minh | vi
  Linh Minh Huong Quan Thao
  Nguyen Tran Pham Hoang Vu
New York | US | America/New_York | en
  Maya Ethan Jasmine Luis Noah Rachel
  Rivera Johnson Cohen Washington Lee
Mexico City | MX | America/Mexico_City | es
  Valeria Mateo Ximena Emiliano Renata
  Hernández Castillo Flores Mendoza Rojas
São Paulo | BR | America/Sao_Paulo | pt
  Júlia Thiago Larissa Rafael Luana
  Souza Oliveira Santos Barbosa Nakamura
Auckland | NZ | Pacific/Auckland | en
  Aroha Liam Ngaire Jack Mere
  Walker Tamihana Wilson Ngata Campbell
"""
"""City, country, time zone and language; first names; last names."""


def _places(almanac: str) -> tuple[Place, ...]:
    lines = [line.strip() for line in almanac.strip().splitlines()]
    found = []
    for head, first, last in zip(lines[::3], lines[1::3], lines[2::3], strict=True):
        city, country, timezone, language = head.split(" | ")
        names = tuple(first.split()), tuple(last.split())
        found.append(Place(city, country, timezone, language, *names))
    return tuple(found)


PLACES: Final = _places(_ALMANAC)

_TRADES: Final = ("Studio", "Outdoors", "Partners", "Bakery", "Travel", "Design", "Labs", "Works")
_LETTERS: Final = str.maketrans({"ı": "i", "ł": "l", "ø": "o", "ß": "ss"})


@dataclass(slots=True, eq=False)
class Customer:
    """Somebody who has been to the shop.

    Attributes
    ----------
    external_id
        The shop's number for them; what a visitor gets on registering.
    is_known
        Whether they have registered. Until then the shop knows a cookie, `anonymous_id`.
    plan
        The membership: `free`, `trial`, `paid`.
    cart
        What lies in it.
    score
        How interested the shop thinks they are.
    """

    external_id: str
    anonymous_id: str
    email: str
    first_name: str
    last_name: str
    city: str
    country: str
    timezone: str
    language: str
    company: str | None
    is_known: bool = False
    plan: str = "free"
    score: float = 0.0
    cart: list[Product] = field(default_factory=list)

    def identity(self) -> dict[str, str]:
        """Return by what a message of theirs names them."""
        if self.is_known:
            return {"userId": self.external_id}
        return {"anonymousId": self.anonymous_id}

    def traits(self) -> dict[str, Any]:
        """Return what they fill in when they register."""
        traits: dict[str, Any] = {
            "email": self.email,
            "firstName": self.first_name,
            "lastName": self.last_name,
            "plan": self.plan,
            "timezone": self.timezone,
            "locale": self.language,
            "address": {"city": self.city, "country": self.country},
        }
        if self.company is not None:
            traits["company"] = {"name": self.company}
        return traits


def make_customer(dice: Random, *, number: str) -> Customer:
    """Return a new visitor, whom the shop does not know yet.

    Parameters
    ----------
    dice
        Decides everything about them.
    number
        Makes the ids and the address unique.

    Examples
    --------
    >>> ada = make_customer(Random(1), number="7")
    >>> ada.email.endswith("7@example.com"), ada.external_id, ada.is_known
    (True, 'shop-7', False)
    """
    place = dice.choice(PLACES)
    first, last = dice.choice(place.first_names), dice.choice(place.last_names)
    return Customer(
        external_id=f"shop-{number}",
        anonymous_id=f"anon-{number}-{dice.getrandbits(32):08x}",
        email=f"{_plain(first)}.{_plain(last)}.{number}@{DOMAIN}",
        first_name=first,
        last_name=last,
        city=place.city,
        country=place.country,
        timezone=place.timezone,
        language=place.language,
        company=f"{last} {dice.choice(_TRADES)}" if dice.random() < 0.3 else None,
    )


def _plain(name: str) -> str:
    """Write a name as it may stand in any address.

    Examples
    --------
    >>> _plain("Yıldız"), _plain("Åkesson")
    ('yildiz', 'akesson')
    """
    letters = unicodedata.normalize("NFKD", name.lower().translate(_LETTERS))
    return "".join(letter for letter in letters if letter.isascii() and letter.isalpha())
