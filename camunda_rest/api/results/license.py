"""Answers: license."""

# Written by scripts/generate_rest_api.py from contract/rest_api.json: do not edit.

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

__all__ = ["License"]


@dataclass(frozen=True, slots=True, kw_only=True)
class License:
    """LicenseResponse, since 8.8."""

    WIRE: ClassVar[str] = "validLicense:b licenseType:s isCommercial:b expiresAt:t?"

    valid_license: bool = False
    license_type: str = ""
    is_commercial: bool = False
    expires_at: datetime | None = None
