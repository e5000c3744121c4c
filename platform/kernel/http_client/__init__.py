"""The only way out of the platform over HTTP (R57): time-outs, a size cap, and never a connection to the inside."""

from kernel.http_client.answer import HttpAnswer
from kernel.http_client.client import HttpClient, Limits, default_client
from kernel.http_client.network import Resolver, resolve_by_system

__all__ = ["HttpAnswer", "HttpClient", "Limits", "Resolver", "default_client", "resolve_by_system"]
