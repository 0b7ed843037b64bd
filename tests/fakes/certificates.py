"""A certificate authority for one test run: a server's certificate for this machine's loopback, and a client's."""

from __future__ import annotations

import datetime
import ipaddress
import ssl
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID


@dataclass(frozen=True)
class Pair:
    """PEM files of a certificate and its unencrypted key."""

    certificate: Path
    key: Path


def strict(
    builder: x509.CertificateBuilder,
    public: ec.EllipticCurvePublicKey,
    issuer: ec.EllipticCurvePublicKey,
    *,
    ca: bool,
) -> x509.CertificateBuilder:
    """With all that Python 3.13 and newer ask of a certificate; ``public`` is its key, ``issuer`` that of who signs it."""
    unused = dict.fromkeys(
        (
            *("content_commitment", "key_encipherment", "data_encipherment", "key_agreement"),
            *("crl_sign", "encipher_only", "decipher_only"),
        ),
        False,
    )
    usage = x509.KeyUsage(digital_signature=True, key_cert_sign=ca, **unused)
    return (
        builder.add_extension(x509.BasicConstraints(ca=ca, path_length=None), critical=True)
        .add_extension(usage, critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(public), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer), critical=False)
    )


def judge_strictly(monkeypatch: pytest.MonkeyPatch) -> None:
    """Certificates are judged as from Python 3.13 on, whatever runs."""
    usual = ssl.create_default_context

    def strict(*given: Any, **named: Any) -> ssl.SSLContext:
        made = usual(*given, **named)
        made.verify_flags |= ssl.VERIFY_X509_STRICT
        return made

    monkeypatch.setattr(ssl, "create_default_context", strict)


class Authority:
    """Signs what tests need; ``ca`` is the PEM file to trust. One that is ``old`` names no keys and says not what they are for."""

    def __init__(self, folder: Path, name: str = "test authority", *, old: bool = False) -> None:
        self._folder, self._old = folder, old
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
        builder = self._builder(self._name, self._key.public_key(), ca=True)
        self.ca = self._write("ca.pem", self._sign(builder).public_bytes(serialization.Encoding.PEM))

    def issue(self, name: str) -> Pair:
        """A certificate for ``name``, valid for localhost and 127.0.0.1."""
        key = ec.generate_private_key(ec.SECP256R1())
        subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
        names = [x509.DNSName("localhost"), x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]
        builder = self._builder(subject, key.public_key(), ca=False)
        builder = builder.add_extension(x509.SubjectAlternativeName(names), critical=False)
        pem = key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        certificate = self._sign(builder).public_bytes(serialization.Encoding.PEM)
        return Pair(self._write(f"{name}.pem", certificate), self._write(f"{name}.key", pem))

    def _builder(
        self, subject: x509.Name, public: ec.EllipticCurvePublicKey, *, ca: bool
    ) -> x509.CertificateBuilder:
        now = datetime.datetime.now(datetime.timezone.utc)
        builder = (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(self._name)
            .public_key(public)
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - datetime.timedelta(days=1))
            .not_valid_after(now + datetime.timedelta(days=2))
        )
        if self._old:
            return builder.add_extension(x509.BasicConstraints(ca=ca, path_length=None), critical=True)
        return strict(builder, public, self._key.public_key(), ca=ca)

    def _sign(self, builder: x509.CertificateBuilder) -> x509.Certificate:
        return builder.sign(self._key, hashes.SHA256())

    def _write(self, name: str, content: bytes) -> Path:
        path = self._folder / name
        path.write_bytes(content)
        return path
