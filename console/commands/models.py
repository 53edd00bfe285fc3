"""``clearance models``: the weights, each named by its digest."""

from __future__ import annotations

from typing import Annotated

import typer

from console.shell import Json, hint, shell_of

app = typer.Typer(no_args_is_help=True, help="Model weights: list, fetch.")


@app.command(name="list")
def list_models(ctx: typer.Context, json: Json = False) -> None:
    """List every model, and whether this machine has the right bytes."""
    from safety import weights

    def state(weight: weights.Weight) -> str:
        path = weights.store() / weight.name
        if not path.is_file():
            return "missing"
        return "here" if weights.sha256_of(path) == weight.sha256 else "wrong bytes"

    known = [(w, state(w)) for w in weights.known().values()]
    rows = [(w.name, here, f"{w.bytes / 1e6:.1f} MB", w.licence, w.sha256[:12], w.purpose) for w, here in known]
    shell_of(ctx).table(
        [w.model_dump(mode="json", exclude={"sources"}) | {"state": here} for w, here in known],
        ("name", "state", "size", "licence", "sha256", "purpose"),
        rows,
        "No model is listed.",
    )


@app.command()
def fetch(
    ctx: typer.Context,
    names: Annotated[
        list[str] | None, typer.Argument(help="Names of models; without one, every model.", show_default=False)
    ] = None,
    json: Json = False,
) -> None:
    """Bring models into the local store; other bytes than the named ones are refused."""
    from safety import weights

    shell = shell_of(ctx)
    had = {}
    for name in names or list(weights.known()):
        had[name] = str(weights.fetch(name, say=hint))
    shell.answer(had, "\n".join(f"{name}  {path}" for name, path in had.items()) or "No model is listed.")
