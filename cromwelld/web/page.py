"""The page for people: how everything stands, without scripts and without anything from elsewhere."""

from __future__ import annotations

import base64
import hashlib
from functools import cache

import jinja2

from cromwelld.web.call import Answer, Call, as_json
from cromwelld.web.protocol import Probe, Watched

_STYLE = """
body { font: 16px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem;
       color: #1b1b1b; background: #fff; }
h1 { font-size: 1.4rem } h2 { font-size: 1.1rem; margin-top: 2rem }
table { border-collapse: collapse; width: 100% } caption { text-align: left; font-weight: 600; padding: 1rem 0 .5rem }
td.wide { width: 60% }
th, td { text-align: left; padding: .25rem .75rem .25rem 0; border-bottom: 1px solid #ddd; vertical-align: top }
td.number { text-align: right; font-variant-numeric: tabular-nums }
.complete, .done, .ok { color: #1a6b34 } .failed, .failing { color: #a11 } .incomplete, .waiting { color: #8a5a00 }
@media (prefers-color-scheme: dark) {
  body { color: #e6e6e6; background: #161616 } th, td { border-color: #333 }
  .complete, .done, .ok { color: #7ccf94 } .failed, .failing { color: #ff9b9b } .incomplete, .waiting { color: #f0c36d }
}
"""

_ASKED = {Probe.ALIVE: "It is alive", Probe.READY: "It can work", Probe.FRESH: "The data are fresh"}


async def page(daemon: Watched, call: Call) -> Answer:
    """Give the page."""
    del call
    overview = await daemon.overview()
    probes = {words: daemon.health(probe) for probe, words in _ASKED.items()}
    text = _template().render(overview=overview, probes=probes, style=_STYLE)
    return Answer(body=text.encode(), content_type="text/html; charset=utf-8", headers=_HEADERS)


async def status(daemon: Watched, call: Call) -> Answer:
    """Give what the page shows, as JSON."""
    del call
    return as_json(await daemon.overview())


@cache
def _template() -> jinja2.Template:
    places = jinja2.PackageLoader("cromwelld.web", ".")
    environment = jinja2.Environment(
        loader=places, autoescape=True, undefined=jinja2.StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    environment.filters["minute"] = lambda when: f"{when:%Y-%m-%d %H:%M} UTC" if when else "-"
    return environment.get_template("page.html.jinja")


def _policy() -> str:
    digest = base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()
    return (
        f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    )


_HEADERS = {"Content-Security-Policy": _policy()}
