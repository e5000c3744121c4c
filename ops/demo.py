"""`make demo`: everything on one machine, from local servers to sign-ins, until Ctrl-C."""

from __future__ import annotations

import fcntl
import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Generator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from ops.local.home import ROOT, local_home
from ops.local.postgres import start_postgres
from ops.local.process import free_port, start_child, stop_child
from ops.local.redis import start_redis

_READY_SECONDS = 60.0
_RESTART_PAUSE_SECONDS = 1.0
_PYTHON = sys.executable


@dataclass
class Service:
    """One process of the demo, started again when it dies."""

    name: str
    command: list[str]
    environment: dict[str, str] = field(default_factory=dict)
    child: subprocess.Popen[bytes] | None = None

    def start(self, environment: dict[str, str], logs: Path) -> None:
        self.child = start_child(self.command, log=logs / f"{self.name}.log", env=environment | self.environment, cwd=ROOT)

    def is_dead(self) -> bool:
        return self.child is not None and self.child.poll() is not None


def main() -> int:
    """Start, say where everything is, watch; stop all of it on Ctrl-C or SIGTERM."""
    home = local_home("demo")
    if "--reset" in sys.argv:
        return _reset(home)
    signal.signal(signal.SIGTERM, _interrupt)
    port = _wanted_port()
    with ExitStack() as stack:
        stack.enter_context(_only_one(home))
        started = time.monotonic()
        environment = _environment(home, port, stack)
        _say("preparing the database and the sample marketplaces")
        _manage(environment, "setup")
        _manage(environment, "demo", "seed")
        _manage(environment, "collectstatic", "--noinput", "--verbosity=0")
        services = _services(port)
        for service in services:
            service.start(environment, home / "logs")
            stack.callback(_stop, service)
        _wait_for(f"http://127.0.0.1:{port}/healthz", home / "logs" / "web.log")
        _manage(environment, "demo", "addresses")
        _say(f"Mail          http://localhost:{environment['MAILBOX_PORT']}   (what Stoa sends lands here)")
        _say(f"Ready: http://localhost:{port}   ({time.monotonic() - started:.1f} s; Ctrl-C stops everything)")
        return _watch(services, environment, home / "logs")


def _services(port: int) -> list[Service]:
    """The same commands as docker-compose.yml runs, one process each."""
    web = ["gunicorn", "config.wsgi", "--bind", f"127.0.0.1:{port}", "--worker-class=gthread", "--threads=8"]
    worker = ["celery", "-A", "config.celery", "worker", "--pool=prefork", "--concurrency=2", "--loglevel=info"]
    return [
        Service("web", [_PYTHON, "-m", *web]),
        Service("worker", [_PYTHON, "-m", *worker, "--without-mingle", "--without-gossip"]),
        Service("sweeper", [_PYTHON, "manage.py", "sweeper"]),
    ]


def _environment(home: Path, port: int, stack: ExitStack) -> dict[str, str]:
    """The environment of every process; starts the servers that it does not name yet."""
    environment = dict(os.environ) | {
        "DJANGO_SETTINGS_MODULE": "config.settings.demo",
        "PUBLIC_PORT": f":{port}",
        "MEDIA_ROOT": str(home / "media"),
        "STATIC_ROOT": str(home / "static"),
        "PYTHONUNBUFFERED": "1",
    }
    environment.setdefault("SECRET_KEY", _kept_secret(home))
    if "DATABASE_URL" not in environment:
        postgres = start_postgres(home / "postgres", durable=True)
        stack.callback(postgres.stop)
        environment["DATABASE_URL"] = postgres.url("postgres")
    if "REDIS_URL" not in environment:
        redis = start_redis(home / "redis", durable=True)
        stack.callback(redis.stop)
        environment["REDIS_URL"] = redis.url()
    if "EMAIL_HOST" not in environment:
        _start_mailbox(home, environment, stack)
    return environment


def _start_mailbox(home: Path, environment: dict[str, str], stack: ExitStack) -> None:
    smtp_port, http_port = free_port(), int(os.environ.get("MAILBOX_PORT") or free_port())
    command = [_PYTHON, "-m", "ops.local.mailbox", str(home / "mail"), f"--smtp-port={smtp_port}", f"--http-port={http_port}"]
    child = start_child(command, log=home / "logs" / "mailbox.log", env=environment, cwd=ROOT)
    stack.callback(stop_child, child)
    environment |= {"EMAIL_HOST": "127.0.0.1", "EMAIL_PORT": str(smtp_port), "MAILBOX_PORT": str(http_port)}


def _kept_secret(home: Path) -> str:
    """The demo's own key, made once: sessions and links survive a restart."""
    path = home / "secret-key"
    if not path.exists():
        path.touch(mode=0o600)
        path.write_text(secrets.token_urlsafe(48))
    return path.read_text()


def _wanted_port() -> int:
    """PORT, 8000 without it, any free one for 0."""
    port = int(os.environ.get("PORT") or 8000)
    if port == 0:
        return free_port()
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            sys.exit(f"demo: port {port} is taken. Choose another (PORT=8080 make demo), or any free one (PORT=0 make demo).")
    return port


@contextmanager
def _only_one(home: Path) -> Generator[None]:
    """The kernel lets go of this lock however the process ends, so that there is never a stale one."""
    home.mkdir(parents=True, exist_ok=True)
    with (home / "lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            sys.exit("demo: already running from this folder.")
        yield


def _manage(environment: dict[str, str], *arguments: str) -> None:
    done = subprocess.run([_PYTHON, "manage.py", *arguments], env=environment, cwd=ROOT, check=False)
    if done.returncode != 0:
        sys.exit(f"demo: manage.py {' '.join(arguments)} failed.")


def _wait_for(url: str, log: Path) -> None:
    deadline = time.monotonic() + _READY_SECONDS
    while time.monotonic() < deadline:
        try:
            with urllib.request.urlopen(url, timeout=2):  # noqa: S310  # our own address on loopback
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.1)
    sys.exit("demo: the pages did not come up:\n" + "\n".join(log.read_text(errors="replace").splitlines()[-20:]))


def _watch(services: list[Service], environment: dict[str, str], logs: Path) -> int:
    try:
        while True:
            for service in services:
                if service.is_dead():
                    _say(f"{service.name} ended, starting it again (log: {logs / service.name}.log)")
                    time.sleep(_RESTART_PAUSE_SECONDS)
                    service.start(environment, logs)
            time.sleep(0.3)
    except KeyboardInterrupt:
        _say("\nstopping")
        return 0


def _stop(service: Service) -> None:
    if service.child is not None:
        stop_child(service.child)


def _reset(home: Path) -> int:
    with _only_one(home):
        shutil.rmtree(home)
    _say("the demo's data is gone; `make demo` starts anew.")
    return 0


def _interrupt(*_: object) -> None:
    raise KeyboardInterrupt


def _say(message: str) -> None:
    print(message, flush=True)


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit(0)
