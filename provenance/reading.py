"""Read a manifest back, ours or anyone's, and say plainly what it proves.

``trusted`` means intact and signed under our root. ``valid`` means intact, signed by someone we do not know. ``invalid`` means
that it does not fit the file, or is not well made. Nothing is fetched over the network. An ingredient's failure does not show in
the outer state, so each ingredient carries its own.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Literal

import c2pa

from safety.values import Value

MIME = "video/mp4"
#: Name of our mark in the soft-binding assertion; the number is the version of its layout.
SOFT_BINDING = "clearance.mark.1"
State = Literal["trusted", "valid", "invalid", "none"]
#: Generations of a remix that are looked at; a crafted file could name itself as its own parent.
_DEEPEST = 16
_ACCEPTED_USES = "1.3.6.1.4.1.62558.2.1\n1.3.6.1.5.5.7.3.4\n1.3.6.1.5.5.7.3.36\n"
_STATES: dict[str, State] = {"Trusted": "trusted", "Valid": "valid", "Invalid": "invalid"}
#: A signer we do not know is no failure of the file; it is why the state is not ``trusted``.
_NOT_FAILURES = frozenset({"signingCredential.untrusted"})


class Ingredient(Value):
    """A clip this one was made from: what it was called, how it relates, which clip of ours it was, what failed in it, and what
    it was made from in turn."""

    title: str
    relationship: str
    clip_id: str | None
    generator: str | None
    failures: tuple[str, ...]
    ingredients: tuple[Ingredient, ...] = ()

    @property
    def all_failures(self) -> tuple[str, ...]:
        """What failed in it or in anything it was made from."""
        return self.failures + tuple(code for i in self.ingredients for code in i.all_failures)


class ManifestReading(Value):
    """What a file's manifest says and whether that can be believed.

    ``ours``: the claim was signed under our root and the signature is good, even if the file has changed since (``state`` is
    then ``invalid``). ``clip_id`` is the soft binding in hex when it is our kind of mark. ``failures`` are C2PA status codes.
    """

    state: State
    ours: bool = False
    title: str | None = None
    clip_id: str | None = None
    generator: str | None = None
    signer: str | None = None
    signed_at: str | None = None
    actions: tuple[str, ...] = ()
    source_type: str | None = None
    ingredients: tuple[Ingredient, ...] = ()
    failures: tuple[str, ...] = ()


def settings(anchors: str, verify_after_sign: bool = False) -> dict[str, object]:
    """Settings of the C2PA library: our root alone is trusted, and nothing goes over the network."""
    return {
        "version": 1,
        "verify": {
            "verify_after_sign": verify_after_sign,
            "verify_trust": True,
            "ocsp_fetch": False,
            "remote_manifest_fetch": False,
        },
        "trust": {"trust_anchors": anchors, "trust_config": _ACCEPTED_USES},
        "builder": {"thumbnail": {"enabled": False}},
    }


def read_manifest(path: Path, anchors: str) -> ManifestReading:
    """Read the manifest inside ``path``; ``anchors`` is the PEM of the roots that are ours.

    A file without one, or which is no mp4 at all, reads ``none`` (whether it is media is not asked here); one that cannot be
    parsed reads ``invalid``.
    """
    with path.open("rb") as stream:
        if stream.read(8)[4:] != b"ftyp":
            return ManifestReading(state="none")
    context = c2pa.Context.from_dict(settings(anchors))
    try:
        with path.open("rb") as stream, c2pa.Reader(MIME, stream, context=context) as reader:
            store: dict[str, Any] = json.loads(reader.json())
            state = _STATES.get(str(reader.get_validation_state()), "invalid")
            results: dict[str, Any] = reader.get_validation_results() or {}
    except c2pa.C2paError.ManifestNotFound:
        return ManifestReading(state="none")
    except c2pa.C2paError as reason:
        # Neither "there is none" nor a reading: a box that says it is a manifest and cannot be parsed.
        return ManifestReading(state="invalid", failures=(f"unreadable: {str(reason)[:120]}",))
    return _describe(store, state, results)


def _describe(store: dict[str, Any], state: State, results: dict[str, Any]) -> ManifestReading:
    manifests: dict[str, dict[str, Any]] = store.get("manifests", {})
    active = manifests.get(store.get("active_manifest", ""), {})
    outcome = results.get("activeManifest", {})
    good = {entry["code"] for entry in outcome.get("success", [])}
    failures = tuple(sorted({e["code"] for e in outcome.get("failure", [])} - _NOT_FAILURES))
    actions = _actions(active)
    signature = active.get("signature_info", {})
    return ManifestReading(
        state=state,
        ours={"signingCredential.trusted", "claimSignature.validated"} <= good,
        title=active.get("title"),
        clip_id=_clip_id(active),
        generator=_generator(active),
        signer=signature.get("common_name") or signature.get("issuer"),
        signed_at=signature.get("time"),
        actions=tuple(a.get("action", "") for a in actions),
        source_type=next((a["digitalSourceType"] for a in actions if a.get("digitalSourceType")), None),
        ingredients=tuple(_ingredient(i, manifests) for i in active.get("ingredients", [])),
        failures=failures,
    )


def _ingredient(entry: dict[str, Any], manifests: dict[str, dict[str, Any]], depth: int = 0) -> Ingredient:
    made_from = manifests.get(entry.get("active_manifest", ""), {})
    outcome = (entry.get("validation_results") or {}).get("activeManifest", {})
    older = entry.get("validation_status") or []
    failures = {e["code"] for e in (*outcome.get("failure", []), *older)} - _NOT_FAILURES
    return Ingredient(
        title=str(entry.get("title") or "untitled"),
        relationship=str(entry.get("relationship") or "componentOf"),
        clip_id=_clip_id(made_from),
        generator=_generator(made_from),
        failures=tuple(sorted(failures)),
        ingredients=tuple(_ingredient(i, manifests, depth + 1) for i in made_from.get("ingredients", []) if depth < _DEEPEST),
    )


def _assertions(manifest: dict[str, Any], label: str) -> list[dict[str, Any]]:
    found = [a.get("data") for a in manifest.get("assertions", []) if str(a.get("label", "")).split("__")[0] == label]
    return [data for data in found if isinstance(data, dict)]


def _actions(manifest: dict[str, Any]) -> list[dict[str, Any]]:
    found = _assertions(manifest, "c2pa.actions.v2") + _assertions(manifest, "c2pa.actions")
    return [a for data in found for a in data.get("actions", []) if isinstance(a, dict)]


def _clip_id(manifest: dict[str, Any]) -> str | None:
    for data in _assertions(manifest, "c2pa.soft-binding"):
        if data.get("alg") == SOFT_BINDING:
            for block in data.get("blocks", []):
                value = block.get("value")
                if isinstance(value, str):
                    return value
    return None


def _generator(manifest: dict[str, Any]) -> str | None:
    for action in _actions(manifest):
        agent = action.get("softwareAgent")
        if isinstance(agent, dict) and agent.get("name"):
            return " ".join(str(agent[k]) for k in ("name", "version") if agent.get(k))
    info = manifest.get("claim_generator_info") or []
    return str(info[0].get("name")) if info and info[0].get("name") else None
