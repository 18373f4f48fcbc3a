"""Who may ask the server for what, and what every answer says to browsers."""

import re
import socket
import time
from base64 import b64encode
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from email.message import Message
from http.client import HTTPResponse
from pathlib import Path

import pytest

from sim.explorer import guard as guard_module
from sim.explorer.guard import MOST_WAITING, Queue
from sim.explorer.library import Library
from tests.explorer.conftest import FIRST_STEPS, SMALL
from tests.explorer.hostile import Running, running
from tests.explorer.serving import memory, served

ROUTES = {
    "page": "GET /",
    "page with a link": "GET /?scenario=small",
    "static": "GET /static/js/bokeh.min.js",
    "own": "GET /own/page.js",
    "story": "GET /story",
    "questions": "GET /stories",
    "icon": "GET /favicon.ico",
    "post": "POST /",
    "socket": "GET /ws",
    "head": "HEAD /",
    "nowhere": "GET /nowhere",
    "another of Bokeh's": "GET /autoload.js?bokeh-autoload-element=1",
    "another of Panel's": "GET /components/this/c/css/x",
}

STRANGE = {
    "another name": "evil.example:{port}",
    "a name that begins as ours": "127.0.0.1.evil.example:{port}",
    "a name that ends as ours": "evil-localhost:{port}",
    "a rooted name": "localhost.:{port}",
    "IPv6": "[::1]:{port}",
    "all addresses": "0.0.0.0:{port}",
    "another spelling": "127.1:{port}",
    "another port": "127.0.0.1:1",
    "no port": "127.0.0.1",
    "empty": "",
    "missing": None,
    "two": "127.0.0.1:{port}\r\nHost: evil.example",
}

FOREIGN = {
    "picture": {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "no-cors", "Sec-Fetch-Dest": "image"},
    "frame": {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "iframe"},
    "link": {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document"},
    "page at another port": {"Sec-Fetch-Site": "same-site", "Sec-Fetch-Mode": "no-cors", "Sec-Fetch-Dest": "script"},
    "older browser's request": {"Origin": "http://evil.example"},
    "older browser's link": {"Referer": "http://evil.example/page"},
    "sandboxed frame": {"Origin": "null"},
    "origin that is no address": {"Origin": "http://[::1"},
    "link from what is no address": {"Referer": "http://[::1"},
}


UPGRADE = {
    "Upgrade": "websocket", "Connection": "Upgrade", "Sec-WebSocket-Version": "13",
    "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
}  # fmt: skip
"""What asks for a socket."""


@dataclass
class Answer:
    """What a server answers."""

    status: int
    headers: Message
    body: str


def ask(address: str, request: str, host: str | None = "", headers: Mapping[str, str] | None = None) -> Answer:
    """Send a request as it stands and return the answer; the host is the server's own by default."""
    own = address.removeprefix("http://").rstrip("/")
    name, _, port = own.rpartition(":")
    lines = [f"{request} HTTP/1.1"]
    lines += [] if host is None else [f"Host: {host.format(port=port) if host else own}"]
    lines += [f"{key}: {value}" for key, value in (headers or {}).items()] + ["", ""]
    with socket.create_connection((name.strip("[]"), int(port)), timeout=30) as line:
        line.sendall("\r\n".join(lines).encode())
        answer = HTTPResponse(line, method=request.split(maxsplit=1)[0])
        answer.begin()
        body = "" if answer.status == 101 else answer.read().decode("utf-8", "replace")
        answer.close()
    return Answer(answer.status, answer.headers, body)


def processor_time(process: int) -> float:
    """Return the seconds of processors that a process has used."""
    fields = Path(f"/proc/{process}/stat").read_text("utf-8").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / 100


def policy_of(answer: Answer) -> dict[str, list[str]]:
    """Return the directives of an answer's policy."""
    (line,) = answer.headers.get_all("Content-Security-Policy", [])
    return {part.split()[0]: part.split()[1:] for part in line.split(";")}


@pytest.fixture(scope="module")
def here(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    folder = tmp_path_factory.mktemp("guard")
    path = folder / SMALL.name
    path.write_bytes(SMALL.read_bytes())
    with running(Library([path])) as server:
        yield server


def check_headers(answer: Answer) -> None:
    policy = policy_of(answer)
    nonce = next(source for source in policy["script-src"] if source.startswith("'nonce-"))
    assert policy == {
        "default-src": ["'none'"], "script-src": ["'self'", nonce], "style-src": ["'self'", "'unsafe-inline'"],
        "img-src": ["'self'", "data:", "blob:"], "font-src": ["'self'"], "connect-src": ["'self'"],
        "base-uri": ["'none'"], "form-action": ["'none'"], "frame-ancestors": ["'self'"],
    }  # fmt: skip
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    assert answer.headers["Cross-Origin-Resource-Policy"] == "same-origin"


@pytest.mark.parametrize("strange", STRANGE)
def test_a_name_or_port_that_is_not_the_servers_is_refused_on_every_route(here: Running, strange: str):
    host = STRANGE[strange]
    for request in ROUTES.values():
        answer = ask(here.address, request, " " if host == "" else host)
        assert answer.status == 403, request
        check_headers(answer)
    assert here.sessions == []


@pytest.mark.parametrize("foreign", FOREIGN)
def test_what_another_sites_page_asks_for_is_refused_on_every_route(here: Running, foreign: str):
    for request in ROUTES.values():
        answer = ask(here.address, request, headers=FOREIGN[foreign])
        assert answer.status == 403, request
        check_headers(answer)
    assert here.sessions == []


@pytest.mark.parametrize(
    ("request_line", "status"),
    [
        ("GET /own/page.js", 200),
        ("GET /static/js/bokeh.min.js", 200),
        ("GET /favicon.ico", 200),
        ("GET /stories?theme=%00", 200),
        (f"GET /story?screen={'9' * 5000}", 302),  # the scenario here tells no story
        ("POST /", 405),
        ("GET /ws", 400),  # not asked as a socket is
        ("GET /own/nothing.js", 404),
        ("GET /own/../server.py", 403),
        ("GET /own/page%00.js", 404),
        ("GET /static/js/%00", 404),
        ("GET /nowhere", 404),
        ("GET /metadata", 404),
        ("GET /autoload.js?bokeh-autoload-element=1", 404),
        ("GET /components/this/c/css/x", 404),
        ("GET /?bokeh-session-id=mine", 403),
    ],
)
def test_every_answer_has_the_policy_errors_included(here: Running, request_line: str, status: int):
    answer = ask(here.address, request_line, headers={"Sec-Fetch-Site": "same-origin"})
    assert answer.status == status
    check_headers(answer)


def test_the_servers_own_names_are_answered(here: Running):
    for host in ("127.0.0.1:{port}", "localhost:{port}", "LocalHost:{port}"):
        assert ask(here.address, "GET /own/page.js", host).status == 200


@pytest.mark.skipif(not socket.has_ipv6, reason="no IPv6 here")
def test_an_address_of_ipv6_is_answered_under_its_own_name():
    with running(Library([SMALL]), host="::1") as there:
        assert ask(there.address, "GET /own/page.js").status == 200
        assert ask(there.address, "GET /own/page.js", "[::2]:{port}").status == 403
        assert ask(there.address, "GET /ws", headers={**UPGRADE, "Origin": there.address.rstrip("/")}).status == 101


def test_a_link_from_elsewhere_leads_to_a_page_from_which_it_can_be_followed(here: Running):
    answer = ask(here.address, 'GET /?scenario=small&state=%22%3E"<script>', headers=FOREIGN["link"])
    assert '<a href="/?scenario=small&amp;state=%22%3E&quot;&lt;script&gt;">Open the explorer</a>' in answer.body


def test_a_link_to_a_story_from_elsewhere_can_be_followed_too(here: Running):
    answer = ask(here.address, "GET /story?scenario=small", headers=FOREIGN["link"])
    assert '<a href="/story?scenario=small">Open the explorer</a>' in answer.body


def test_the_first_page_is_the_story_and_only_where_none_is_asked_for():
    with running(Library([SMALL]), with_story=True) as there:
        assert ask(there.address, "GET /").status == 200  # it tells no story
    with running(Library([FIRST_STEPS, SMALL]), with_story=True) as there:
        for asked, elsewhere in (("", ""), ("?theme=dark", "&theme=dark"), ("?", "")):
            answer = ask(there.address, f"GET /{asked}")
            assert (answer.status, answer.headers["Location"]) == (302, f"/story?scenario=first-steps{elsewhere}")
            check_headers(answer)
        assert ask(there.address, "GET /?theme=dark%0d%0aX:y").status == 200
        answer = ask(there.address, "GET /story?scenario=small")
        assert (answer.status, answer.headers["Location"]) == (302, "/?scenario=small")
        before = len(there.sessions)
        assert ask(there.address, "GET /stories").status == 200
        assert len(there.sessions) == before


def test_the_page_names_its_policy_itself_and_marks_its_own_scripts_alone(here: Running):
    pages = [ask(here.address, "GET /") for _ in range(2)]
    nonces = [policy_of(page)["script-src"][1] for page in pages]
    assert nonces[0] != nonces[1]
    for page, nonce in zip(pages, nonces, strict=True):
        check_headers(page)
        assert f"script-src 'self' {nonce}; " in page.body.partition("http-equiv")[2].partition(">")[0]
        scripts = [part.partition(">")[0] for part in page.body.split("<script")[1:]]
        assert all("src=" in script or nonce[7:-1] in script or "json" in script for script in scripts)


def test_sockets_of_another_origin_and_tokens_of_others_are_refused(here: Running):
    before = len(here.sessions)
    assert ask(here.address, "GET /ws", headers={**UPGRADE, "Origin": "http://evil.example"}).status == 403
    forged = b64encode(b'{"session_id": "mine", "session_expiry": 9999999999}').decode().rstrip("=")
    ask(here.address, "GET /ws", headers={**UPGRADE, "Sec-WebSocket-Protocol": f"bokeh, {forged}"})
    assert len(here.sessions) == before


def test_no_more_than_so_many_pages_are_made(here: Running, monkeypatch: pytest.MonkeyPatch):
    (token,) = re.findall(r'"token":"([^"]+)"', ask(here.address, "GET /").body)
    monkeypatch.setattr(guard_module, "MOST_SESSIONS", len(here.sessions))
    answer = ask(here.address, "GET /")
    assert answer.status == 503
    check_headers(answer)
    assert "The room is full, 0 before you." in answer.body
    assert answer.headers["Refresh"] == "5"
    mine = {"Cookie": answer.headers["Set-Cookie"].partition(";")[0]}
    assert "The room is full, 1 before you." in ask(here.address, "GET /").body
    assert "The room is full, 0 before you." in ask(here.address, "GET /", headers=mine).body
    assert ask(here.address, "GET /ws", headers=UPGRADE).status == 503
    assert ask(here.address, "GET /own/page.js").status == 200
    own = {**UPGRADE, "Sec-WebSocket-Protocol": f"bokeh, {token}"}
    assert ask(here.address, "GET /ws", headers=own).status == 101  # the socket of a page that is open already


def test_who_waits_keeps_a_place_and_who_no_longer_asks_is_gone(monkeypatch: pytest.MonkeyPatch):
    now = [100.0]
    monkeypatch.setattr(guard_module.time, "monotonic", lambda: now[0])
    queue = Queue()
    _, one = queue.place("", 0)
    before, other = queue.place("", 0)
    assert (before, one != other) == (1, True)
    assert queue.place("", 1)[0] == 2  # the one page is for the first
    assert queue.place(other, 1)[:1] == (1,)
    assert queue.place(one, 1) == (0, "")
    assert queue.place(other, 1) == (0, "")
    _, held = queue.place("", 0)
    now[0] += 60.0
    assert queue.place("", 1) == (0, "")
    assert queue.place(held, 0)[1] != held
    for _ in range(300):
        queue.place("", 0)
    assert queue.place("", 0)[0] == MOST_WAITING


def test_pages_and_sockets_need_the_key_of_the_link(tmp_path: Path):
    path = tmp_path / SMALL.name
    path.write_bytes(SMALL.read_bytes())
    with running(Library([path]), key="secret") as there:
        for request in ("GET /", "GET /?key=wrong", "GET /story", "GET /stories?key=", "GET /ws"):
            assert ask(there.address, request, headers=UPGRADE if request.endswith("ws") else {}).status == 403
        assert there.sessions == []
        answer = ask(there.address, "GET /?key=secret&scenario=small&theme=dark")
        assert (answer.status, answer.headers["Location"]) == (302, "/?scenario=small&theme=dark")
        check_headers(answer)
        kept = answer.headers["Set-Cookie"]
        assert "HttpOnly" in kept
        cookie = {"Cookie": f"other=1; {kept.partition(';')[0]}"}
        page = ask(there.address, "GET /?scenario=small", headers=cookie)
        assert page.status == 200
        (token,) = re.findall(r'"token":"([^"]+)"', page.body)
        own = {**UPGRADE, "Sec-WebSocket-Protocol": f"bokeh, {token}"}
        assert ask(there.address, "GET /ws", headers=own).status == 403
        assert ask(there.address, "GET /ws", headers={**own, **cookie}).status == 101


@pytest.mark.slow
def test_the_page_of_a_stalled_socket_is_gone_in_a_minute(tmp_path: Path):
    path = tmp_path / SMALL.name
    path.write_bytes(SMALL.read_bytes())
    with running(Library([path])) as there:
        (token,) = re.findall(r'"token":"([^"]+)"', ask(there.address, "GET /").body)
        own = there.address.removeprefix("http://").rstrip("/")
        lines = [f"{key}: {value}" for key, value in UPGRADE.items()]
        lines += [f"Host: {own}", f"Sec-WebSocket-Protocol: bokeh, {token}", "", ""]
        with socket.create_connection(own.split(":"), timeout=30) as line:
            line.sendall("\r\n".join(["GET /ws HTTP/1.1", *lines]).encode())
            assert b" 101 " in line.recv(64)  # and then nothing is read any more
            began = time.monotonic()
            while time.monotonic() - began < 5:
                assert len(there.sessions) == 1
                time.sleep(0.5)
            while there.sessions and time.monotonic() - began < 60:
                time.sleep(0.5)
            assert there.sessions == []


def test_a_body_that_is_too_large_is_not_read(here: Running):
    assert ask(here.address, "POST /", headers={"Content-Length": "70000"}).status == 400


@pytest.mark.slow
def test_twenty_requests_of_other_sites_cost_nothing(tmp_path: Path):
    (tmp_path / SMALL.name).write_bytes(SMALL.read_bytes())
    with served(tmp_path, SMALL.name) as (address, server):
        assert ask(address, "GET /").status == 200  # a page is made, and what that needs is loaded
        earlier, before = -1.0, processor_time(server.pid)
        while before - earlier > 0.05:  # the first runs are being made
            time.sleep(2)
            earlier, before = before, processor_time(server.pid)
        held = memory(server.pid)
        for headers in (list(FOREIGN.values()) * 3)[:20]:
            assert ask(address, "GET /?scenario=small&branch=help-comes&replicates=5000", headers=headers).status == 403
        time.sleep(1)
        spent, more = processor_time(server.pid) - before, memory(server.pid) - held
        print(f"20 requests of other sites: {spent:.2f} s of processors, {more:.2f} MiB more")  # noqa: T201
        assert spent < 0.3
        assert more < 1
