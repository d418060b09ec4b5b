"""The OpenAPI document: its title and security, and the path where it is served."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import msgspec
from litestar import Request, Router, get
from litestar.openapi import OpenAPIConfig
from litestar.openapi.plugins import JsonRenderPlugin
from litestar.openapi.spec import Components, OpenAPI, SecurityScheme

from ..security import PUBLIC
from .schemas import with_components

_MEDIA_TYPE = "application/vnd.oai.openapi+json"


class _Document(OpenAPI):
    """Litestar's document, with our derived schemas as its components."""

    @cached_property
    def _document(self) -> dict[str, Any]:
        return with_components(super().to_schema())

    def to_schema(self) -> dict[str, Any]:
        """Returns the document as JSON. It is built once, since that takes about 50 ms."""
        return self._document


@dataclass
class _Config(OpenAPIConfig):
    """Litestar's configuration, which starts a document of our class."""

    def to_openapi_schema(self) -> OpenAPI:
        """Returns the document without its paths, which Litestar adds."""
        return _Document(**vars(super().to_openapi_schema()))


def openapi_config(version: str) -> OpenAPIConfig:
    """Returns the document's title, version and security schemes."""
    return _Config(
        title="Postdate",
        version=version,
        description="A durable, distributed message scheduler.",
        use_handler_docstrings=True,
        # At the root, Litestar would answer unknown paths with a page of its own instead of a problem.
        openapi_router=Router("/openapi", route_handlers=[], include_in_schema=False, opt=PUBLIC),
        render_plugins=[JsonRenderPlugin(path="/")],
        security=[{"key": []}, {}],
        components=Components(
            security_schemes={
                "key": SecurityScheme(type="http", scheme="bearer", description="an API key's secret")
            }
        ),
    )


@get("/openapi.json", opt=PUBLIC, include_in_schema=False, media_type=_MEDIA_TYPE)
async def openapi_document(request: Request[Any, Any, Any]) -> bytes:
    """Returns the document."""
    return msgspec.json.encode(request.app.openapi_schema.to_schema())
