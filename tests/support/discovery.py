"""Requests and answers held against a discovery document of Google's."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any, NoReturn

Json = Mapping[str, Any]

# fields and parameters that are newer than the document of 2026-07-01
NEWER_FIELDS: Mapping[str, Json] = {
    "Sleep": {"shortAwakenings": {"type": "array", "items": {"$ref": "SleepStage"}}},
    "SleepMetadata": {"mainSleep": {"type": "boolean"}},
}
NEWER_PARAMETERS: Mapping[str, Json] = {
    "health.users.dataTypes.dataPoints.list": {"dataSourceFamily": {"type": "string", "location": "query"}},
}

DATETIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?Z")
DURATION = re.compile(r"-?\d+(\.\d{1,9})?s")
WHOLE = re.compile(r"-?(0|[1-9]\d*)")
BASE_64 = re.compile(r"[A-Za-z0-9+/_-]*={0,2}")
NOT_FINITE = {"NaN", "Infinity", "-Infinity"}
FAMILY = re.compile(r"users/me/dataSourceFamilies/[a-z]+(?:-[a-z]+)*")


def check_request(document: Json, method: str, path: str, query: Mapping[str, str], body: object) -> None:
    """Hold a request against the document; `body` is what its JSON says, None where it has none.

    Raises: AssertionError: with the place of what does not fit.
    """
    described = _method_at(document, method, path)
    parameters = {**document["parameters"], **described["parameters"], **NEWER_PARAMETERS.get(described["id"], {})}
    for name, value in query.items():
        at = f"{described['id']}?{name}"
        if name not in parameters or parameters[name]["location"] != "query":
            _fail(at, "no such parameter")
        _check_parameter(parameters[name], value, at)
        _check_family(document, name, value, at)
    if "request" not in described:
        if body is not None:
            _fail(described["id"], "has no body")
        return
    _Checker(document, sent=True).check(described["request"], body, described["id"])


def check_answer(document: Json, name: str, body: object) -> None:
    """Hold an answer against a schema, by its name or by the id of the method that it answers.

    Raises: AssertionError: with the place of what does not fit.
    """
    if name in document["schemas"]:
        _Checker(document, sent=False).check({"$ref": name}, body, name)
        return
    for described in methods(document):
        if described["id"] == name:
            _Checker(document, sent=False).check(described["response"], body, name)
            return
    _fail(name, "no such schema or method")


def methods(resource: Json) -> Iterator[Json]:
    """List the methods of a document, or of a resource in it."""
    yield from resource.get("methods", {}).values()
    for inner in resource.get("resources", {}).values():
        yield from methods(inner)


class _Checker:
    """Walk a value along its schema."""

    def __init__(self, document: Json, *, sent: bool) -> None:
        self._document = document
        self._sent = sent
        self._checks: Mapping[str, Callable[[Json, Any, str], None]] = {
            "object": self._object,
            "array": self._array,
            "string": _check_string,
            "number": _check_number,
            "integer": _check_integer,
            "boolean": _check_boolean,
            "any": lambda *_: None,
        }

    def check(self, schema: Json, value: object, at: str) -> None:
        while "$ref" in schema:
            schema = self._document["schemas"][schema["$ref"]]
        self._checks[schema["type"]](schema, value, at)

    def _object(self, schema: Json, value: object, at: str) -> None:
        if not isinstance(value, dict):
            _fail(at, "is no object")
        known = {**schema.get("properties", {}), **NEWER_FIELDS.get(schema.get("id", ""), {})}
        for name, inner in value.items():
            described = known.get(name, schema.get("additionalProperties"))
            if described is None:
                _fail(f"{at}.{name}", "no such field")
            if self._sent and described.get("readOnly"):
                _fail(f"{at}.{name}", "is read only")
            self.check(described, inner, f"{at}.{name}")
            _check_family(self._document, name, inner, f"{at}.{name}")

    def _array(self, schema: Json, value: object, at: str) -> None:
        if not isinstance(value, list):
            _fail(at, "is no array")
        for number, inner in enumerate(value):
            self.check(schema["items"], inner, f"{at}[{number}]")


def _method_at(document: Json, method: str, path: str) -> Json:
    for described in methods(document):
        form = re.sub(r"\\{[^}]+\\}", "[^/:]+", re.escape(described["flatPath"]))
        if described["httpMethod"] == method.upper() and re.fullmatch(form, path.lstrip("/")):
            return described
    return _fail(f"{method} {path}", "no such method")


def _check_parameter(schema: Json, value: str, at: str) -> None:
    if not isinstance(value, str):
        _fail(at, "is no text")
    if schema["type"] == "integer" and not WHOLE.fullmatch(value):
        _fail(at, "is no whole number")
    if schema["type"] == "boolean" and value not in {"true", "false"}:
        _fail(at, "is neither true nor false")
    if "enum" in schema and value not in schema["enum"]:
        _fail(at, f"is none of {schema['enum']}")


def _check_family(document: Json, name: str, value: object, at: str) -> None:
    """Hold a data source family against the names that the document tells in prose."""
    if name != "dataSourceFamily":
        return
    prose = document["schemas"]["RollUpDataPointsRequest"]["properties"]["dataSourceFamily"]["description"]
    if value not in FAMILY.findall(prose):
        _fail(at, "no such family")


def _check_string(schema: Json, value: object, at: str) -> None:
    if not isinstance(value, str):
        _fail(at, "is no text")
    forms = {"google-datetime": DATETIME, "google-duration": DURATION, "int64": WHOLE, "byte": BASE_64}
    form = forms.get(schema.get("format", ""))
    if form and not form.fullmatch(value):
        _fail(at, f"is no {schema['format']}")
    if "enum" in schema and value not in schema["enum"]:
        _fail(at, f"is none of {schema['enum']}")


def _check_number(_: Json, value: object, at: str) -> None:
    if isinstance(value, bool) or not (isinstance(value, (int, float)) or value in NOT_FINITE):
        _fail(at, "is no number")


def _check_integer(_: Json, value: object, at: str) -> None:
    if type(value) is not int or not -(2**31) <= value < 2**31:
        _fail(at, "is no int32")


def _check_boolean(_: Json, value: object, at: str) -> None:
    if not isinstance(value, bool):
        _fail(at, "is neither true nor false")


def _fail(at: str, what: str) -> NoReturn:
    raise AssertionError(f"{at}: {what}")
