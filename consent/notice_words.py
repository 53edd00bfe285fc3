"""What a notice says, in English and French. Plain sentences; every kind has its words in both, or it does not exist.

A place in braces is a field of the notice's body. Fields in ``TERMS`` hold a code, and what is said is the term's.
"""

from __future__ import annotations

from string import Formatter
from typing import Final

LANGUAGES: Final = ("en", "fr")
Pair = tuple[str, str]

#: Kind: (English, French).
SENTENCES: Final[dict[str, Pair]] = {
    "used": (
        "@{by} made a clip with your likeness. It was released as {clip}.",
        "@{by} a fait une vidéo avec votre image. Elle est publiée sous le nom {clip}.",
    ),
    "refused-use": (
        "@{by} asked for a clip of you. It was refused: {reason}.",
        "@{by} a demandé une vidéo de vous. Elle a été refusée : {reason}.",
    ),
    "held": (
        "@{by} asked for a clip of you. A moderator looks at it before anything is shown.",
        "@{by} a demandé une vidéo de vous. Un modérateur l'examine avant que rien ne soit montré.",
    ),
    "withdrawn": (
        "Clips that show you were withdrawn: {clips}. The cause: {cause}.",
        "Des vidéos où l'on vous voit ont été retirées : {clips}. La cause : {cause}.",
    ),
    "made-withdrawn": (
        "Clips of yours were withdrawn: {clips}. The cause: {cause}.",
        "Des vidéos faites par vous ont été retirées : {clips}. La cause : {cause}.",
    ),
    "grant-given": (
        "A grant was given in your name. Who may use your likeness: {holder}.",
        "Une autorisation a été donnée en votre nom. Qui peut utiliser votre image : {holder}.",
    ),
    "grant-ended": (
        "A grant of yours ended. Who could use your likeness: {holder}.",
        "Une de vos autorisations a pris fin. Qui pouvait utiliser votre image : {holder}.",
    ),
    "leave-given": ("@{by} lets you use their likeness.", "@{by} vous laisse utiliser son image."),
    "leave-ended": ("@{by} no longer lets you use their likeness.", "@{by} ne vous laisse plus utiliser son image."),
    "asked": (
        "@{by} asks you: {what}. Nothing happens unless you approve.",
        "@{by} vous demande : {what}. Rien sans accord.",
    ),
    "approved": ("@{by} approved you: {what}.", "@{by} vous a donné son accord : {what}."),
    "duplicate-enrolment": (
        "Somebody tried to enrol with your face or your voice, as @{handle}. It was refused.",
        "Quelqu'un a essayé de s'inscrire avec votre visage ou votre voix, sous le nom @{handle}. C'est refusé.",
    ),
    "claim": (
        "Somebody filed a claim about the clip {clip}, which shows you.",
        "Quelqu'un a déposé une réclamation sur la vidéo {clip}, où l'on vous voit.",
    ),
    "limit-reached": (
        "As many clips of you were made as a grant of yours allows, the last by @{by}: {count} a {per}. More are refused.",
        "Le nombre de vidéos de vous qu'une autorisation permet est atteint, la dernière par @{by} : {count} par {per}.",
    ),
    "representative-named": (
        "@{actor} acts for you from now on, as {role}.",
        "@{actor} vous représente, comme {role}.",
    ),
    "representation-ended": ("@{actor} no longer acts for you as {role}.", "@{actor} ne vous représente plus comme {role}."),
    "representative-acted": ("@{actor} acted for you: {act}.", "@{actor} a agi pour vous : {act}."),
    "death-recorded": (
        "Your death was recorded, and every grant is suspended. If you read this and live, tell the operator.",
        "Votre décès a été enregistré et toute autorisation est suspendue. Si vous lisez ceci, prévenez l'opérateur.",
    ),
    "death-corrected": (
        "A record of your death was a mistake and is taken back. You decide for yourself again.",
        "L'enregistrement de votre décès était une erreur et il est annulé. Vous décidez de nouveau pour vous-même.",
    ),
    "exported": (
        "Everything kept about you was exported. If that was not you or somebody who acts for you, tell the operator.",
        "Tout ce qui est conservé sur vous a été exporté. Si ce n'était ni vous ni votre représentant, prévenez l'opérateur.",
    ),
    "revocation-closed": (
        "Everything that your revocation took back is gone, and its closing receipt is signed. Clips: {clips}.",
        "Tout ce que votre révocation a repris a disparu, et le reçu final est signé. Vidéos : {clips}.",
    ),
}

#: Field: code: (English, French).
TERMS: Final[dict[str, dict[str, Pair]]] = {
    "reason": {
        "no-grant": ("you gave no leave", "vous n'avez pas donné d'autorisation"),
        "revoked": ("you took your leave back", "vous avez repris votre autorisation"),
        "expired": ("your leave has ended", "votre autorisation est arrivée à son terme"),
        "paused": ("you have paused", "vous avez fait une pause"),
        "too-often": ("it would be more often than you allow", "ce serait plus souvent que vous ne l'autorisez"),
        "protected": ("you are protected and are never depicted", "vous êtes une personne protégée, jamais représentée"),
        "minor": ("you are not of age", "vous n'êtes pas majeur"),
        "spent": ("the permit for it had been used", "le permis avait déjà servi"),
        "outside_scope": ("it leaves what you allow", "cela sort de ce que vous autorisez"),
        "policy": ("it is against the rules of this place", "c'est contraire aux règles de ce service"),
        "company": ("somebody asked for beside you gave no leave", "une autre personne demandée n'a pas donné d'autorisation"),
        "lost": ("leave was taken back before it was finished", "l'autorisation a été reprise avant la fin"),
    },
    "cause": {
        "revocation": ("consent was taken back", "le consentement a été repris"),
        "opt-out": ("a reservation of a work", "une réserve sur une œuvre"),
        "moderation": ("a moderator decided so", "un modérateur l'a décidé"),
        "policy": ("a rule of this place changed", "une règle de ce service a changé"),
        "claim": ("a claim was upheld", "une réclamation a été acceptée"),
    },
    "holder": {
        "everyone": ("everyone", "tout le monde"),
        "approved": ("the people you approved", "les personnes que vous avez acceptées"),
        "mutuals": ("people who approved you and whom you approved", "les personnes avec qui l'accord est mutuel"),
    },
    "what": {
        "user": ("to use your likeness", "utiliser votre image"),
        "co-star": ("to be shown beside you", "apparaître à côté de vous"),
    },
    "per": {"day": ("day", "jour"), "week": ("week", "semaine"), "month": ("month", "mois")},
    "role": {"guardian": ("guardian", "responsable légal"), "estate": ("estate", "succession")},
    "act": {
        "granted": ("gave a grant", "a donné une autorisation"),
        "confirmed": ("confirmed your grants", "a confirmé vos autorisations"),
        "paused": ("paused", "a mis en pause"),
        "resumed": ("ended a pause", "a mis fin à une pause"),
        "revoked": ("revoked", "a révoqué"),
        "erased": ("erased you", "a fait effacer vos données"),
        "protected": ("had you protected", "vous a fait protéger"),
        "claimed": ("filed a claim", "a déposé une réclamation"),
    },
}  # fmt: skip
#: Seen from the other side: what somebody who was approved may do.
APPROVED: Final[dict[str, Pair]] = {
    "user": ("you may use their likeness", "vous pouvez utiliser son image"),
    "co-star": ("you may be shown beside them", "vous pouvez apparaître à son côté"),
}
TOLD_FOR: Final[Pair] = ("For {whom}: {sentence}", "Pour {whom} : {sentence}")
SOMEBODY: Final[Pair] = ("somebody who was erased", "une personne effacée")
TIMES: Final[Pair] = (" ({times} times)", " ({times} fois)")


def fields(kind: str) -> frozenset[str]:
    """What a notice of this kind must have in its body. Raises ``KeyError`` for a kind that has no words."""
    return frozenset(name for _, name, _, _ in Formatter().parse(SENTENCES[kind][0]) if name)


def sentence(kind: str, body: dict[str, str], language: str) -> str:
    """The sentence for one notice; a code that has no term is said as it is (a policy's clause, a handle)."""
    which = LANGUAGES.index(language)
    said = {name: _term(kind, name, value, which) for name, value in body.items()}
    return SENTENCES[kind][which].format_map(said)


def _term(kind: str, name: str, value: str, which: int) -> str:
    if name == "holder" and value not in TERMS["holder"]:
        return f"@{value}"
    terms = APPROVED if (kind, name) == ("approved", "what") else TERMS.get(name, {})
    return terms[value][which] if value in terms else value
