"""Keys and receipts from the command line: made on the person's own machine, checked on any, changed by the operator."""

from __future__ import annotations

import json
import stat
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from consent.scope import Limit, Scope
from consent.signing import own_keys, statements
from consent.signing.consent_document import consent_document
from consent.signing.credentials import Proof, attest
from consent.signing.receipts import signed_by
from consent.vault.keys import Vault
from safety.values import canonical
from streams.context import Context
from tests.consent.authenticator import somebody
from tests.consent.conftest import Clock
from tests.console.conftest import Run
from tests.streams.doubles import make_context


@pytest.fixture
def vault(tmp_path: Path) -> Vault:
    return Vault(tmp_path / "keys")


def test_a_grant_is_signed_on_the_persons_machine_and_its_receipt_checked_on_any(
    run: Run, ctx: Context, vault: Vault, tmp_path: Path
) -> None:
    file, clock = tmp_path / "ana.pem", Clock()
    public = run("keys", "new", str(file)).stdout.strip()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600 and len(public) == 64
    with ctx.db.write() as conn:
        ana = somebody(conn, "ana", vault, clock)
        document = statements.prepare(
            "add-credential", ana.id, clock(), own_keys.addition("software", "laptop", bytes.fromhex(public))
        )
        (tmp_path / "add.json").write_text(json.dumps(document))
        proof = Proof.model_validate_json(run("keys", "sign", str(file), str(tmp_path / "add.json")).stdout)
        own_keys.add_software(conn, ana, bytes.fromhex(public), "laptop", document, proof.signature, clock)
        scope = Scope(forbids=frozenset({"violence"}), words=("bank",), limit=Limit(count=2, per="day"))
        grant = consent_document(record="g", person=ana.id, holder="bob", scope=scope, granted_at=clock(), expires_at=None)
        said = run("keys", "sign", str(file), "-", stdin=json.dumps(grant).encode())
        for words in ("I let bob use my likeness", "never: violence, bank", "at most: 2 clips a day", "until: until withdrawn"):
            assert words in said.stderr
        receipt = signed_by(grant, attest(conn, ana, canonical(grant), vault, Proof.model_validate_json(said.stdout)))
    (tmp_path / "receipt.json").write_text(receipt.model_dump_json())
    (tmp_path / "public.txt").write_text(public + "\n")
    for key in (public, str(tmp_path / "public.txt")):
        good = run("verify-receipt", str(tmp_path / "receipt.json"), "--key", key)
        assert good.exit_code == 0 and "signed by that key" in good.stdout
    told = json.loads(run("verify-receipt", str(tmp_path / "receipt.json"), "--key", public, "--json").stdout)
    assert told == {"verifies": True, "document": grant}
    forged = receipt.model_dump_json().replace("bob", "eve").encode()
    bad = run("verify-receipt", "-", "--key", public, stdin=forged)
    assert bad.exit_code == 9 and bad.stdout == "" and bad.stderr.startswith("The receipt was changed")


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("keys", "sign", "none.pem", "-"), 4), (("keys", "sign", "{text}", "-"), 2), (("keys", "sign", "{key}", "{text}"), 2),
        (("keys", "sign", "{key}", "{other}"), 2), (("keys", "sign", "{key}", "none.json"), 4), (("keys", "new", "{key}"), 6),
        (("verify-receipt", "none.json", "--key", "00"), 4), (("verify-receipt", "{text}", "--key", "00"), 2),
        (("verify-receipt", "{other}", "--key", "00"), 9), (("verify-receipt", "{other}", "--key", "nonsense"), 2),
        (("verify-receipt", "{list}", "--key", "00"), 2),
    ],
    ids=lambda given: " ".join(given) if isinstance(given, tuple) else "",
)  # fmt: skip
def test_what_cannot_be_read_is_one_sentence(run: Run, tmp_path: Path, words: tuple[str, ...], code: int) -> None:
    names = {name: str(tmp_path / name) for name in ("text", "other", "list", "key")}
    (tmp_path / "text").write_text("no key, no JSON")
    (tmp_path / "other").write_text('{"statement": "pause", "says": "I give everything to eve."}')
    (tmp_path / "list").write_text("[]")
    run("keys", "new", names["key"])
    statement = json.dumps(statements.prepare("pause", "p", Clock()())).encode()
    answer = run(*(word.format(**names) for word in words), stdin=statement)
    assert answer.exit_code == code, answer.stderr
    assert answer.stderr.strip().splitlines()[-1].endswith(".") and "Traceback" not in answer.stderr


def test_the_vaults_key_is_changed_from_the_command_line(
    run: Run, vault: Vault, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def opened(settings: Any) -> Context:
        return make_context(settings.home, parts=SimpleNamespace(vault=vault))

    monkeypatch.setattr(sys.modules["streams.system"], "open_context", opened)
    before = vault.kek_id
    told = json.loads(run("keys", "rotate", "--json").stdout)
    assert told["old"] == before and told["new"] == vault.kek_id == Vault(tmp_path / "keys").kek_id != before
    answer = run("keys", "rotate")
    assert answer.exit_code == 0 and "old key is destroyed" in answer.stdout and "Back up" in answer.stderr
