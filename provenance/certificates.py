"""Certificates of the profile that C2PA validators accept: nothing more is ever issued.

A signer needs key usage digitalSignature alone, an extended key usage for signing documents, and an authority key identifier;
it must not be a CA. Measured with c2pa-python 0.38.1: any other profile is refused when signing.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

LEAF_LIFE = timedelta(days=365 * 10)
#: Clocks of machines differ; a certificate is good from a little before it was made.
_BACKDATED = timedelta(hours=1)


@dataclass(frozen=True)
class Issued:
    """A private key and the certificate of its public half."""

    key: ec.EllipticCurvePrivateKey
    certificate: x509.Certificate


def make_ca(name: str, now: datetime, life: timedelta, issuer: Issued | None = None) -> Issued:
    """A certificate authority: a root, or one under ``issuer`` that may only issue signers."""
    key = ec.generate_private_key(ec.SECP256R1())
    parent = issuer.key if issuer else key
    builder = (
        _builder(name, key, issuer, now, life)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0 if issuer else None), critical=True)
        .add_extension(_usage(certificates=True), critical=True)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(parent.public_key()), critical=False)
    )
    return Issued(key, builder.sign(parent, hashes.SHA256()))


def make_leaf(issuer: Issued, now: datetime, name: str = "Clearance local signer", life: timedelta = LEAF_LIFE) -> Issued:
    """A certificate that may sign manifests and do nothing else; it never outlives its issuer."""
    key = ec.generate_private_key(ec.SECP256R1())
    life = min(life, issuer.certificate.not_valid_after_utc - now)
    builder = (
        _builder(name, key, issuer, now, life)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_usage(certificates=False), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.EMAIL_PROTECTION]), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer.key.public_key()), critical=False)
    )
    return Issued(key, builder.sign(issuer.key, hashes.SHA256()))


def pem(*certificates: x509.Certificate) -> str:
    """The certificates as PEM text, in order."""
    return "".join(c.public_bytes(serialization.Encoding.PEM).decode() for c in certificates)


def key_bytes(key: ec.EllipticCurvePrivateKey) -> bytes:
    """The private key as unencrypted PKCS 8 PEM; its protection is the file's permissions."""
    return key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())


def _builder(
    name: str, key: ec.EllipticCurvePrivateKey, issuer: Issued | None, now: datetime, life: timedelta
) -> x509.CertificateBuilder:
    subject = x509.Name(
        [x509.NameAttribute(NameOID.ORGANIZATION_NAME, "Clearance"), x509.NameAttribute(NameOID.COMMON_NAME, name)]
    )
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer.certificate.subject if issuer else subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - _BACKDATED)
        .not_valid_after(now + life)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
    )


def _usage(certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=True,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=certificates,
        crl_sign=certificates,
        encipher_only=False,
        decipher_only=False,
    )
