"""The signed manifest (C2PA) that travels inside the file: what made the clip, from what, and the mark it carries.

Signing is the last step: any byte changed afterwards breaks it. This module never trusts a file because it is signed; a
stranger's signature reads ``valid`` and only our own root makes it ``trusted``.
"""

from __future__ import annotations

import io
import json
import os
import tempfile
from datetime import UTC, datetime
from pathlib import Path

import c2pa

from provenance.authority import Authority
from provenance.boxes import holds_media
from provenance.errors import BadParent, SealRefused
from provenance.reading import MIME, SOFT_BINDING, read_manifest, settings
from safety.values import Value

SOURCE_TYPES = "http://cv.iptc.org/newscodes/digitalsourcetype/"
#: What the rights holder of a clip allows others' machines to do with it (CAWG training and data mining assertion 1.1).
_MINING = {
    "cawg.ai_generative_training": {"use": "notAllowed"},
    "cawg.ai_training": {"use": "notAllowed"},
    "cawg.data_mining": {"use": "notAllowed"},
    "cawg.ai_inference": {"use": "allowed"},
}
_PARENT = "parent"


class ClipFactsToSign(Value):
    """What the manifest says of a clip.

    ``clip_id``: the 12 bytes its mark carries. ``generator`` and ``generator_version``: the model or program that drew it.
    ``source_type``: IPTC digital source type in short (``trainedAlgorithmicMedia``, ``algorithmicMedia``,
    ``compositeWithTrainedAlgorithmicMedia``). ``thumbnail``: JPEG bytes; none is made by itself for mp4. ``parent``: the sealed
    file this clip is a remix of.
    """

    clip_id: bytes
    title: str
    generator: str
    generator_version: str
    source_type: str = "trainedAlgorithmicMedia"
    thumbnail: bytes | None = None
    parent: Path | None = None


def sign_clip(path_in: Path, path_out: Path, facts: ClipFactsToSign, authority: Authority, now: datetime) -> bytes:
    """Write ``path_in`` (mp4, already marked) with its manifest to ``path_out`` and return the manifest's bytes.

    The file is verified before it takes its place; on any failure ``path_out`` is untouched. Raises ``SealRefused``,
    ``KeyTrouble`` (expired certificate) and ``BadParent`` (the parent is not an intact clip of ours).
    """
    if not path_in.is_file() or not holds_media(path_in):
        raise SealRefused(f"{path_in.name} is not a finished mp4; encode the clip before it is sealed.")
    parent_title = _check_parent(facts.parent, authority) if facts.parent else ""
    sign = authority.signer(now)
    draft: Path | None = None
    try:
        handle, name = tempfile.mkstemp(prefix=".seal-", suffix=".mp4", dir=path_out.parent)
        os.close(handle)
        draft = Path(name)
        context = c2pa.Context.from_dict(settings(authority.anchors, verify_after_sign=True))
        with c2pa.Builder(_definition(facts, now), context) as builder:
            if facts.thumbnail:
                builder.add_resource("thumbnail.jpg", io.BytesIO(facts.thumbnail))
            if facts.parent:
                described = {"title": parent_title, "relationship": "parentOf", "instance_id": _PARENT, "label": _PARENT}
                with facts.parent.open("rb") as stream:
                    builder.add_ingredient(described, MIME, stream)
            signer = c2pa.Signer.from_callback(sign, c2pa.C2paSigningAlg.ES256, authority.chain)
            with path_in.open("rb") as source, draft.open("w+b") as target:
                manifest = builder.sign(signer, MIME, source, target)
        reading = read_manifest(draft, authority.anchors)
        if reading.state != "trusted" or reading.clip_id != facts.clip_id.hex():
            why = ", ".join(reading.failures) or reading.state
            raise SealRefused(f"The manifest just written does not verify ({why}); the clip was not sealed.")
        draft.replace(path_out)
        return bytes(manifest)
    except c2pa.C2paError as reason:
        raise SealRefused(f"The clip could not be signed ({str(reason)[:160]}); nothing was written.") from reason
    except OSError as reason:
        raise SealRefused(f"The sealed clip could not be written ({reason.strerror}); make room.") from reason
    finally:
        if draft is not None:
            draft.unlink(missing_ok=True)


def _check_parent(parent: Path, authority: Authority) -> str:
    """The parent's title, once it is known to be an intact clip of ours: the failure of one would hide inside the remix."""
    reading = read_manifest(parent, authority.anchors)
    if reading.state != "trusted":
        raise BadParent(f"The parent clip's manifest reads {reading.state}; remix a clip that still verifies as ours.")
    broken = [code for i in reading.ingredients for code in i.all_failures]
    if broken:
        raise BadParent(f"The parent clip was itself made from one that failed ({broken[0]}); choose another.")
    return reading.title or "parent"


def _definition(facts: ClipFactsToSign, now: datetime) -> dict[str, object]:
    when = now.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    agent = {"name": facts.generator, "version": facts.generator_version}
    made = {
        "digitalSourceType": SOURCE_TYPES + facts.source_type,
        "softwareAgent": agent,
        "when": when,
    }
    if facts.parent:
        actions: list[dict[str, object]] = [
            {"action": "c2pa.opened", "parameters": {"ingredientIds": [_PARENT]}},
            {"action": "c2pa.edited", **made},
        ]
    else:
        actions = [{"action": "c2pa.created", **made}]
    actions.append({"action": "c2pa.watermarked.bound", "description": f"{SOFT_BINDING} in picture and sound"})
    definition: dict[str, object] = {
        "claim_version": 2,
        "claim_generator_info": [{"name": "Clearance", "version": "1"}],
        "title": facts.title,
        "format": MIME,
        "assertions": [
            {"label": "c2pa.actions.v2", "data": {"actions": actions}},
            {
                "label": "c2pa.soft-binding",
                "data": {"alg": SOFT_BINDING, "blocks": [{"scope": {}, "value": facts.clip_id.hex()}]},
            },
            {"label": "cawg.training-mining", "data": {"entries": _MINING}},
        ],
    }
    if facts.thumbnail:
        definition["thumbnail"] = {"format": "image/jpeg", "identifier": "thumbnail.jpg"}
    json.dumps(definition)  # a value that is not JSON is our mistake and must show here, not inside the library
    return definition
