"""`/docs`: the OpenAPI document as a page that fetches nothing and runs no script."""

from __future__ import annotations

import json
from html import escape
from typing import TYPE_CHECKING, Any

from litestar import Request, get

from .problems.problem_kind import PAGE, ProblemKind
from .security import PUBLIC

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_HTML = "text/html"  # Litestar adds the charset
_STYLE = """
body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem}
:root{color-scheme:light dark}
details{border:1px solid #8886;border-radius:6px;margin:.5rem 0;padding:.5rem .8rem}
summary{cursor:pointer}code,pre{font:13px/1.5 ui-monospace,monospace}
pre{overflow:auto;background:#8882;padding:.6rem}
b{display:inline-block;min-width:4.5rem}table{border-collapse:collapse}
td{padding:.15rem .8rem .15rem 0;vertical-align:top}
"""


@get("/docs", opt=PUBLIC, include_in_schema=False, media_type=_HTML)
async def docs_page(request: Request[Any, Any, Any]) -> str:
    """Returns a page with the parameters, bodies and responses of every operation."""
    return _page("Postdate", "".join(_operations(request.app.openapi_schema.to_schema())))


@get(PAGE, opt=PUBLIC, include_in_schema=False, media_type=_HTML)
async def problems_page() -> str:
    """Returns a page that explains every kind of problem. The `type` of a problem links to it."""
    sections = [
        f'<section id="{kind.slug}"><h2>{escape(kind.title)} <small>{kind.status.value}</small></h2>'
        f"<p>{escape(kind.meaning)}</p></section>"
        for kind in ProblemKind
    ]
    return _page("Problems", "".join(sections))


def _page(title: str, content: str) -> str:
    head = f'<meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>{title}</title>'
    links = (
        f'<p><a href="/docs">Operations</a> · <a href="{PAGE}">Problems</a> · <a href="/openapi.json">OpenAPI</a>'
    )
    return (
        f'<!doctype html><html lang="en"><head>{head}<style>{_STYLE}</style></head>'
        f"<body><h1>{title}</h1>{links}{content}</body></html>"
    )


def _operations(document: Mapping[str, Any]) -> Iterator[str]:
    for path, item in document["paths"].items():
        for method, operation in item.items():
            name = f"<b>{method.upper()}</b> <code>{escape(path)}</code>"
            summary = escape(operation.get("description") or operation.get("summary", ""))
            yield f"<details><summary>{name}</summary><p>{summary}</p>"
            yield "".join(_parameters(operation))
            yield "".join(_bodies(operation.get("requestBody", {}), "Accepts"))
            yield "".join(_responses(operation))
            yield "</details>"


def _parameters(operation: Mapping[str, Any]) -> Iterator[str]:
    for parameter in operation.get("parameters", ()):
        name, location = escape(parameter["name"]), escape(parameter["in"])
        yield f"<p><code>{name}</code> ({location}) {escape(parameter.get('description') or '')}</p>"


def _bodies(owner: Mapping[str, Any], title: str) -> Iterator[str]:
    for media_type, content in owner.get("content", {}).items():
        schema = content.get("schema", {})
        example = content.get("example") or next(iter(schema.get("examples", ())), None)
        yield f"<p>{title} <code>{escape(media_type)}</code></p>"
        if example is not None:
            text = example if isinstance(example, str) else json.dumps(example, indent=2, ensure_ascii=False)
            yield f"<pre>{escape(text)}</pre>"


def _responses(operation: Mapping[str, Any]) -> Iterator[str]:
    yield "<table>"
    for status, response in sorted(operation["responses"].items()):
        yield f"<tr><td>{status}</td><td>{escape(response.get('description') or '')}</td></tr>"
    yield "</table>"
    for status, response in operation["responses"].items():
        if status.startswith("2"):
            yield from _bodies(response, f"{status}:")
