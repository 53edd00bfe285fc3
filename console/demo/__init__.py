"""The scripted demonstration: the whole system at work on one machine, held against the outcomes it should have."""

from console.demo.run import run

__all__ = ["run"]
