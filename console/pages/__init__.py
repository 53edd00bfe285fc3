"""The pages people use, one file an audience. A page shows what the API knows; its forms make the API's calls."""

from __future__ import annotations

from fastapi import APIRouter


def routers() -> tuple[APIRouter, ...]:
    """Every page's router."""
    from console.pages import cases, claims, enrolment, home, keys, people, person, revocation, submit, verify, works

    parts = (home, submit, cases, claims, people, person, keys, revocation, enrolment, works, verify)
    return tuple(part.router for part in parts)
