import json
import re
import signal
import socket
from pathlib import Path
from urllib.request import urlopen

import pytest

from sim.explorer.address import EVERYWHERE, free_port, is_local, names_of
from sim.explorer.opening import open_page
from tests.cli.conftest import Command
from tests.explorer.serving import served


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("karabak-2023",), "there is no scenario 'karabak-2023'; did you mean 'karabakh-2023'?"),
        (("missing.toml",), "missing.toml: no such file"),
        (("small.toml", "--host", "0.0.0.0"), "add --allow-network"),  # noqa: S104 - to be refused
        (("small.toml", "--host", "example.org"), "add --allow-network"),
        (("small.toml", "--replicates", "0"), "replicates 0 is not allowed; allowed: 1..5000"),
        (("small.toml", "--replicates", "9000"), "replicates 9000 is not allowed"),
        (("small.toml", "--seed", "-1"), "seed -1 is not allowed"),
        (("small.toml", "--load", "missing.json"), "missing.json: No such file or directory"),
        (("small.toml", "--load", "small.toml"), "small.toml: is not JSON"),
        (("small.toml", "--load", "/dev/zero"), "/dev/zero: is too large for a saved page; allowed: 1,000,000 bytes"),
        (("small.toml", "--load", "other.json"), "there is no 'other' here; allowed: small"),
        (("small.toml", "--load", "wrong.json"), "there is no branch 'nowhere' in small"),
        (("small.toml", "--port", "70000"), "'--port': Input should be less than or equal to 65535"),
    ],
)
def test_what_cannot_be_opened_is_refused(command: Command, place: Path, arguments: tuple[str, ...], message: str):
    for name, scenario, branch in (("other", "other", "x"), ("wrong", "small", "nowhere")):
        page = {"csto-sim-explorer": "1", "scenario": scenario, "branch": branch}
        (place / f"{name}.json").write_text(json.dumps(page))
    done = command("explore", *arguments, "--no-browser")
    assert done.code == 2
    assert message in done.err
    assert done.out == ""


def test_a_port_that_is_taken_is_refused_and_any_free_one_is_found(command: Command):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        done = command("explore", "small.toml", "--port", str(port), "--no-browser")
        assert (done.code, f"port {port} of 127.0.0.1 cannot be used" in done.err) == (2, True)
        assert free_port("127.0.0.1", 0) not in (0, port)


def test_without_panel_it_says_what_to_install(command: Command, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    done = command("explore", "small.toml")
    assert (done.code, "pip install 'csto-sim[explore]'" in done.err) == (2, True)


def test_only_loopback_is_local():
    assert [is_local(host) for host in ("127.0.0.1", "localhost", "::1", "0.0.0.0", "192.168.0.2", "example.org")] == [  # noqa: S104
        True, True, True, False, False, False,
    ]  # fmt: skip


def test_web_sockets_come_from_names_of_the_address_alone():
    assert names_of("127.0.0.1") == names_of("localhost") == ("127.0.0.1", "localhost")
    assert names_of("192.168.0.2") == ("192.168.0.2",)
    assert {socket.gethostname(), "127.0.0.1", *EVERYWHERE[:1]} <= set(names_of(EVERYWHERE[0]))


def test_a_saved_page_is_opened_with_other_runs_and_seed(place: Path):
    saved = place / "page.json"
    page = {
        "csto-sim-explorer": "1", "scenario": "small", "branch": "help-comes", "events": {"away": "off"},
        "replicates": 30, "seed": 5, "state": "CCC",
    }  # fmt: skip
    saved.write_text(json.dumps(page))
    _, opened = open_page(place / "small.toml", saved)
    assert (opened.choices.replicates, opened.choices.seed, opened.state) == (30, 5, "CCC")
    _, other = open_page(place / "small.toml", saved, replicates=20, seed=6)
    assert (other.choices.replicates, other.choices.seed) == (20, 6)
    assert (other.choices.events, other.choices.branch) == ((("away", "off"),), "help-comes")


def test_the_command_serves_this_machine_until_it_is_interrupted(place: Path):
    with served(place, "small.toml") as (address, server):
        with urlopen(address, timeout=60) as answer:  # noqa: S310 - our own server
            page = answer.read().decode()
        assert "csto-sim explorer" in page
        assert re.findall(r"""(?:src|href)=["'](?:https?:)?//([^"'/]+)""", page) == []
        assert _upgrade(address, "http://evil.example") == 403
        server.send_signal(signal.SIGINT)
        assert server.wait(20) == 130
        assert server.stderr is not None
        assert "Traceback" not in server.stderr.read()


def _upgrade(address: str, origin: str) -> int:
    """Return the status with which a web socket is answered that comes from a page of another origin."""
    host, port = address.removeprefix("http://").rstrip("/").split(":")
    with socket.create_connection((host, int(port)), timeout=20) as line:
        line.sendall(
            f"GET /ws HTTP/1.1\r\nHost: {host}:{port}\r\nOrigin: {origin}\r\nUpgrade: websocket\r\n"
            "Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
            .encode()
        )  # fmt: skip
        return int(line.recv(100).split()[1])
