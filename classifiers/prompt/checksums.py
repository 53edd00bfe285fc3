"""Check digits: what tells a card, an account or a social security number from any other row of digits."""

from __future__ import annotations

import re

#: Length of an IBAN by country (ISO 13616 registry); countries not listed are refused.
_IBAN_LENGTHS = {
    "AD": 24, "AE": 23, "AT": 20, "BE": 16, "BG": 22, "CH": 21, "CY": 28, "CZ": 24, "DE": 22, "DK": 18,
    "EE": 20, "ES": 24, "FI": 18,
    "FR": 27, "GB": 22, "GI": 23, "GR": 27, "HR": 21, "HU": 28, "IE": 22, "IL": 23, "IS": 26, "IT": 27,
    "LI": 21, "LT": 20, "LU": 20,
    "LV": 21, "MC": 27, "MT": 31, "NL": 18, "NO": 15, "PL": 28, "PT": 25, "RO": 24, "SA": 24, "SE": 24,
    "SI": 19, "SK": 24, "SM": 27,
    "TN": 24, "TR": 26,
}  # fmt: skip


def luhn_agrees(text: str) -> bool:
    """Whether the 13 to 19 digits of ``text`` satisfy ISO/IEC 7812 and start like a payment card (3 to 6)."""
    digits = [int(c) for c in text if c.isdigit()]
    if not 13 <= len(digits) <= 19 or digits[0] not in (3, 4, 5, 6) or len(set(digits)) < 2:
        return False
    doubled = (d if i % 2 == 0 else d * 2 - 9 * (d > 4) for i, d in enumerate(reversed(digits)))
    return sum(doubled) % 10 == 0


def iban_agrees(text: str) -> bool:
    """Whether ``text`` is an IBAN of a listed country with the right length and check digits (ISO 7064 mod 97-10)."""
    body = re.sub(r"[ -]", "", text).upper()
    if len(body) != _IBAN_LENGTHS.get(body[:2], -1):
        return False
    return int("".join(str(int(c, 36)) for c in body[4:] + body[:4])) % 97 == 1


def nir_agrees(text: str) -> bool:
    """Whether ``text`` is a French social security number (NIR): a month, and 97 minus the number mod 97 as its key."""
    body = re.sub(r"[ .]", "", text).upper().replace("2A", "19").replace("2B", "18")
    if not re.fullmatch(r"\d{15}", body) or not (1 <= int(body[3:5]) <= 12 or int(body[3:5]) in range(20, 43)):
        return False
    return int(body[13:]) == 97 - int(body[:13]) % 97
