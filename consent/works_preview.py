"""What a filing would do before it does it: warnings a person reads, and how much of what is asked for it would touch."""

from __future__ import annotations

from collections.abc import Sequence

from consent.names.words import Fold, is_common, plain_fold, split
from consent.works import Filing
from safety.values import Value

#: Share of ordinary prompts from which on a name is too broad to be reserved by itself (issue of works: 5 %).
TOO_BROAD = 0.05


class Preview(Value):
    """``warnings`` in sentences; ``touched`` of ``looked_at`` prompts would have been matched, and the first 20 of them."""

    warnings: tuple[str, ...]
    touched: int
    looked_at: int
    examples: tuple[str, ...]


def preview(filing: Filing, prompts: Sequence[str] = (), fold: Fold = plain_fold) -> Preview:
    """Check a filing against common words and against ``prompts`` that were really made."""
    folded = [(name.name, fold(name.name)) for name in filing.all_names]
    warnings = [f"{name!r} has no letters and will never be found; give another name." for name, plain in folded if not plain]
    for name, plain in folded:
        if plain and is_common(plain):
            more = "" if filing.description else " Add a description or a reference picture."
            warnings.append(f"{name!r} is a common word: alone it makes a person look and blocks nothing.{more}")
    padded = [f" {plain} " for _, plain in folded if plain]
    touched = [text for text in prompts if any(name in f" {split(text, fold).text} " for name in padded)]
    if prompts and len(touched) > TOO_BROAD * len(prompts):
        warnings.append(f"The names occur in {len(touched)} of {len(prompts)} prompts, which is too broad; choose narrower ones.")
    return Preview(warnings=tuple(warnings), touched=len(touched), looked_at=len(prompts), examples=tuple(touched[:20]))
