"""What is checked of a folder of recordings before it is served."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from cromwelld.errors import ConfigurationError
from cromwelld.simulator.faces import FACES
from cromwelld.simulator.replay import application, load


def write(folder: Path, index: object) -> None:
    (folder / "index.json").write_text(json.dumps(index), encoding="utf-8")
    (folder / "body.json").write_text('{"hrv": []}', encoding="utf-8")


def test_every_mistake_is_named_by_entry_and_key(tmp_path: Path) -> None:
    folder = tmp_path / "replay"
    folder.mkdir()
    (tmp_path / "outside.json").write_text("{}", encoding="utf-8")
    write(
        folder,
        [
            {"method": "GET", "path": "/ok.json", "body": "body.json"},
            {"method": "FETCH", "path": "nowhere", "body": "gone.json", "status": "200", "colour": "red"},
            {"method": "GET", "path": "/a.json?b=1", "query": ["b"], "headers": {"a": 1}, "body": "../outside.json"},
            "a word",
        ],
    )
    with pytest.raises(ConfigurationError) as caught:
        application(folder, unknown=FACES["fitbit_web"].unknown)
    assert list(caught.value.problems) == [
        "entry 2: colour: unknown, use method, path, query, sent, status, headers, body",
        "entry 2: method: must be one of GET, POST, PUT, PATCH, DELETE, HEAD",
        "entry 2: path: must be text that begins with / and holds no query",
        "entry 2: status: must be a number from 200 to 599",
        "entry 2: body: gone.json is not there",
        "entry 3: path: must be text that begins with / and holds no query",
        "entry 3: query: must be text or an object of text by name",
        "entry 3: headers: must be an object of text by name",
        "entry 3: body: ../outside.json lies outside the folder",
        "entry 4: must be an object",
    ]
    assert str(folder / "index.json") in caught.value.message


def test_two_answers_to_one_request_are_a_mistake(tmp_path: Path) -> None:
    entry = {"method": "GET", "path": "/a.json", "body": "body.json"}
    write(tmp_path, [{**entry, "query": "a=1&b=2"}, {**entry, "query": {"b": "2", "a": "1"}}, entry])
    with pytest.raises(ConfigurationError) as caught:
        application(tmp_path, unknown=FACES["fitbit_web"].unknown)
    assert caught.value.problems == ("entry 2: path: answers the same request as entry 1",)


def test_answers_to_different_json_are_told_apart(tmp_path: Path) -> None:
    entry = {"method": "POST", "path": "/sums", "body": "body.json"}
    write(tmp_path, [{**entry, "sent": {"range": 1, "page": 2}}, {**entry, "sent": {"range": 2}}, entry])
    assert [one.sent for one in load(tmp_path)] == ['{"page": 2, "range": 1}', '{"range": 2}', None]
    write(tmp_path, [{**entry, "sent": {"a": 1, "b": 2}}, {**entry, "sent": {"b": 2, "a": 1}}])
    with pytest.raises(ConfigurationError) as caught:
        load(tmp_path)
    assert caught.value.problems == ("entry 2: path: answers the same request as entry 1",)


@pytest.mark.parametrize(("text", "said"), [("{", "is no JSON"), ("{}", "must hold a list of answers")])
def test_an_index_that_is_none_is_said(tmp_path: Path, text: str, said: str) -> None:
    (tmp_path / "index.json").write_text(text, encoding="utf-8")
    with pytest.raises(ConfigurationError, match=said):
        load(tmp_path)


def test_a_folder_without_an_index_is_said(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="cannot be read: No such file or directory"):
        load(tmp_path)


def test_the_type_follows_from_the_name_unless_it_is_given(tmp_path: Path) -> None:
    write(
        tmp_path,
        [
            {"method": "GET", "path": "/a.json", "body": "body.json"},
            {
                "method": "GET",
                "path": "/b.json",
                "body": "body.json",
                "headers": {"content-type": "text/plain", "Content-Length": "99999"},
            },
        ],
    )
    assert [each.headers for each in load(tmp_path)] == [
        {"Content-Type": "application/json"},
        {"content-type": "text/plain"},
    ]
