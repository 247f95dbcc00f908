"""The connections of the first clean run: which are other hosts, which are services here."""

import socket
from pathlib import Path
from typing import Any

import psutil
import pytest

from trainwreck.run import reached as module
from trainwreck.run.reached import Reached, reached_of, with_reached


def reached(*ends: Any, names: tuple[Any, ...] = ()) -> Reached:
    observed = {f"connected {end}": end for end in ends}
    observed |= {f"looked up {name}": name for name in names}
    stored = with_reached(observed)
    assert set(stored) <= {"network"}
    return reached_of(stored.get("network", {}))


def test_a_service_is_one_that_still_listens_after_the_run() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        used = reached(["127.0.0.1", port], ["localhost", port], ["0.0.0.0", port])
        assert used.hosts == ()
        assert used.services == (f"0.0.0.0:{port}", f"127.0.0.1:{port}", f"localhost:{port}")
    assert reached(["127.0.0.1", port]) == Reached(), "the program's own server has ended"


def test_an_own_address_of_the_machine_is_no_other_host(monkeypatch: pytest.MonkeyPatch) -> None:
    address = type("Address", (), {"address": "192.0.2.7"})()
    monkeypatch.setattr(psutil, "net_if_addrs", lambda: {"eth0": [address]})
    assert reached(["192.0.2.7", 1], ["192.0.2.8", 443]).hosts == ("192.0.2.8",)


def test_hosts_have_the_names_that_were_looked_up() -> None:
    assert reached(["192.0.2.8", 443], names=("hub.example", "localhost")).hosts == ("hub.example",)
    assert reached(["127.0.0.1", 1], names=("hub.example",)).hosts == (), "it was only asked for"


def test_a_socket_counts_where_a_closed_network_hides_it(monkeypatch: pytest.MonkeyPatch) -> None:
    path = Path("/run/postgresql/.s.PGSQL.5432")
    monkeypatch.setattr(module, "services", lambda is_online: [path])
    assert reached(str(path), "/tmp/own.socket").services == (str(path),)


@pytest.mark.parametrize("forged", [None, 7, [], ["a"], [1, 2], ["a", "b"], {"a": 1}, ["a", True]])
def test_a_forged_connection_is_passed_over(forged: Any) -> None:
    assert reached(forged, ["192.0.2.8", 443]).hosts == ("192.0.2.8",)


def test_a_run_without_connections_has_no_such_fact() -> None:
    assert with_reached({"state": "1", "looked up a": "a"}) == {"state": "1"}
