"""Personal data as Presidio finds it: the second opinion beside our own patterns (``pii.py``), through Presidio's recognisers.

Only recognisers of things that identify or reach a person are used; names are not, because "Marie walks" must pass. No language
model is loaded (a blank tokeniser is all that the context words need) and nothing reaches the network, ever.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator
from functools import cached_property
from typing import TYPE_CHECKING, Any

from classifiers.prompt.spared import spared
from safety.prompt import ReadPrompt
from safety.signal import Evidence, Report, Signal, Span

if TYPE_CHECKING:
    from presidio_analyzer import AnalyzerEngine

#: Presidio's entity and the words that evidence says it with; the value itself is never repeated.
KINDS = {
    "EMAIL_ADDRESS": "e-mail address",
    "PHONE_NUMBER": "phone number",
    "CREDIT_CARD": "payment card",
    "IBAN_CODE": "bank account (IBAN)",
    "US_SSN": "social security number",
    "CRYPTO": "wallet address",
}
#: Regions whose numbering plans phone numbers are checked against.
REGIONS = ("FR", "US", "GB", "DE", "ES", "IT")
#: Words near a number that make it a number to dial, in the languages the gate is trained on; Presidio knows English ones.
CALLING = ["call", "phone", "mobile", "tel", "appelle", "appeler", "téléphone", "portable", "llama", "teléfono", "handy", "anruf"]
MOST_CHARACTERS = 20_000


class PresidioPersonalData:
    """The detector. Loading takes some seconds, once a process; then a prompt takes about a millisecond."""

    name = "presidio/1"
    labels = frozenset({"pii"})

    def __init__(self) -> None:
        self._lock = threading.Lock()

    def detect(self, prompt: ReadPrompt) -> Report:
        """One signal with every place in the text as it was written (capitals tell an IBAN), scored like the surest."""
        with self._lock:
            engine = self._engine
        # half a surrogate pair is no character, and the suffix list cannot encode it; a mark keeps every other place the same
        text = prompt.prompt.text[:MOST_CHARACTERS].encode("utf-16", "surrogatepass").decode("utf-16", "replace")
        found = sorted(engine.analyze(text, language="en", entities=list(KINDS)), key=lambda r: (-r.score, r.start))
        if not found:
            return Report(detector=self.name, labels=self.labels)
        evidence = tuple(Evidence(span=Span(start=r.start, end=r.end), note=KINDS[r.entity_type]) for r in found[:20])
        signal = Signal(label="pii", score=min(1.0, found[0].score), detector=self.name, evidence=evidence)
        return Report(detector=self.name, labels=self.labels, signals=(signal,))

    @cached_property
    def _engine(self) -> AnalyzerEngine:
        """Presidio's engine over our recognisers and a blank tokeniser."""
        with spared("torch"):
            from presidio_analyzer import AnalyzerEngine, RecognizerRegistry
            from presidio_analyzer import predefined_recognizers as known

            words = _blank_engine()
        recognisers = [
            _offline_emails(known.EmailRecognizer),
            known.PhoneRecognizer(supported_regions=REGIONS, context=CALLING),
            known.CreditCardRecognizer(),
            known.IbanRecognizer(),
            known.UsSsnRecognizer(),
            known.CryptoRecognizer(),
        ]
        return AnalyzerEngine(
            registry=RecognizerRegistry(recognizers=recognisers, supported_languages=["en"]),
            nlp_engine=words, supported_languages=["en"],
        )  # fmt: skip


def _offline_emails(base: Any) -> Any:
    """Presidio's recogniser of addresses, with the list of public suffixes that its library ships instead of a download."""
    import tldextract

    extract = tldextract.TLDExtract(suffix_list_urls=(), cache_dir=None)

    class OfflineEmails(base):  # type: ignore[misc]
        def validate_result(self, pattern_text: str) -> bool:
            return bool(extract(pattern_text).fqdn)

    return OfflineEmails()


def _blank_engine() -> Any:
    """An NLP engine that only splits words: enough for Presidio's context words, and it needs no model."""
    import spacy
    from presidio_analyzer.nlp_engine import NlpArtifacts, NlpEngine

    words = spacy.blank("en")
    words.max_length = MOST_CHARACTERS + 1

    class Blank(NlpEngine):
        def load(self) -> None:
            """Nothing to load."""

        def is_loaded(self) -> bool:
            return True

        def process_text(self, text: str, language: str) -> NlpArtifacts:
            doc = words.make_doc(text)
            return NlpArtifacts([], doc, [t.idx for t in doc], [t.lower_ for t in doc], self, language)

        def process_batch(
            self, texts: Iterable[str], language: str, batch_size: int = 1, n_process: int = 1, **_: Any
        ) -> Iterator[tuple[str, NlpArtifacts]]:
            return ((text, self.process_text(text, language)) for text in texts)

        def is_stopword(self, word: str, language: str) -> bool:
            return bool(words.vocab[word].is_stop)

        def is_punct(self, word: str, language: str) -> bool:
            return bool(words.vocab[word].is_punct)

        def get_supported_entities(self) -> list[str]:
            return []

        def get_supported_languages(self) -> list[str]:
            return ["en"]

    return Blank()
