"""The clauses that no policy can switch off, worded only when shown, so that verdicts kept earlier stay as they are."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Words:
    """By language: what the clause is called, what would pass, and the reason where no verdict carries it."""

    title: dict[str, str]
    passes: dict[str, str]
    says: dict[str, str] | None = None


_NOT_YOURS = {
    "en": "The fault is not yours: you need do nothing, or you can send it again later.",
    "fr": "La faute n'est pas la vôtre : vous n'avez rien à faire, ou vous pouvez la renvoyer plus tard.",
}
BUILT_IN: dict[str, Words] = {
    "CLR-MISSING": Words({"en": "Not everything could be checked", "fr": "Tout n'a pas pu être contrôlé"}, _NOT_YOURS),
    "CLR-EMPTY-POLICY": Words({"en": "No rule covers this yet", "fr": "Aucune règle ne couvre encore ce cas"}, _NOT_YOURS),
    "CLR-SCOPE": Words(
        {"en": "Outside what the person allowed", "fr": "Hors de ce que la personne a autorisé"},
        {
            "en": "A scene without what their grant excludes, or a wider grant from them.",
            "fr": "Une scène sans ce que leur autorisation exclut, ou une autorisation plus large de leur part.",
        },
    ),
    "CLR-CONSENT-LOST": Words(
        {"en": "A lost permission", "fr": "Une autorisation perdue"},
        {
            "en": "Ask the person for a new grant and send it again, or leave them out.",
            "fr": "Demandez une nouvelle autorisation à cette personne, ou retirez-la.",
        },
        {
            "en": "A permission this clip needed was taken back or ran out, so it is not shown.",
            "fr": "Une autorisation nécessaire à cette vidéo a été retirée ou a expiré : elle n'est pas montrée.",
        },
    ),
    "CLR-NOT-CLEARED": Words(
        {"en": "Not cleared", "fr": "Pas de contrôle valable"},
        {"en": "The fault is not yours; send it again.", "fr": "La faute n'est pas la vôtre ; renvoyez-la."},
        {
            "en": "This clip has no valid clearance, so it is not shown.",
            "fr": "Cette vidéo n'a pas d'autorisation valable : elle n'est pas montrée.",
        },
    ),
    "CLR-PARENT-WITHDRAWN": Words(
        {"en": "The original is gone", "fr": "L'original n'est plus là"},
        {
            "en": "Start anew, or remix a clip that is shown.",
            "fr": "Repartez de zéro, ou d'une vidéo qui est montrée.",
        },
        {
            "en": "The clip this is a remix of was withdrawn, so this one is not shown.",
            "fr": "La vidéo d'origine a été retirée : ce remix n'est pas montré.",
        },
    ),
}
