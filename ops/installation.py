"""A whole installation on this machine, as children of this process: servers, set-up, and what docker-compose.yml runs."""

from __future__ import annotations

import json
import os
import secrets
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

from integrations.stripe.fake.local import TEST_KEY, TEST_SECRET
from ops.local.home import ROOT
from ops.local.postgres import start_postgres
from ops.local.process import die_with_parent, free_port, start_child, stop_child
from ops.local.redis import start_redis

PYTHON = sys.executable
_READY_SECONDS = 60.0
# Where the platform takes Stripe's webhooks.
WEBHOOK_PATH = "/webhooks/stripe/"
_ENVIRONMENT = "environment.json"


class StartFailed(RuntimeError):
    """Something did not come up; the message says what, and shows the end of its log."""


@dataclass
class Service:
    """One process of the installation."""

    name: str
    command: list[str]
    child: subprocess.Popen[bytes] | None = None

    def start(self, environment: Mapping[str, str], logs: Path) -> None:
        """Start it, or start it again."""
        self.child = start_child(self.command, log=logs / f"{self.name}.log", env=environment, cwd=ROOT)

    def is_dead(self) -> bool:
        """Whether it was started and has ended."""
        return self.child is not None and self.child.poll() is not None

    def stop(self) -> None:
        """Ask it to end, and wait."""
        if self.child is not None:
            stop_child(self.child)


@dataclass(frozen=True)
class Installation:
    """Where everything is. `environment` is that of each of its processes."""

    home: Path
    port: int
    environment: Mapping[str, str]
    services: list[Service] = field(default_factory=list)

    @property
    def logs(self) -> Path:
        """One file a process."""
        return self.home / "logs"

    @property
    def mail(self) -> Path:
        """What was sent, one file a mail; empty where EMAIL_HOST was given."""
        return self.home / "mail"

    @property
    def stripe_port(self) -> int:
        """The local Stripe's pages; 0 where the real one is asked."""
        return int(self.environment.get("STRIPE_PORT") or 0)

    @property
    def mailbox_port(self) -> int:
        """The page that shows the mail; 0 where there is none of ours."""
        return int(self.environment.get("MAILBOX_PORT") or 0)

    def manage(self, *arguments: str) -> None:
        """Run a command of manage.py to its end.

        Raises:
            StartFailed: it failed; what it said stands above.
        """
        done = subprocess.run(
            [PYTHON, "manage.py", *arguments],
            # What a command has to say it prints itself; its log lines are for who asks for them.
            env={"LOG_LEVEL": "WARNING"} | dict(self.environment),
            cwd=ROOT,
            check=False,
            preexec_fn=die_with_parent(signal.SIGTERM),  # this process has no threads yet
        )
        if done.returncode:
            raise StartFailed(f"manage.py {' '.join(arguments)} failed.")

    def start(self, stack: ExitStack) -> None:
        """Start the processes and wait until pages are served; `stack` stops them.

        Raises:
            StartFailed: no page came within a minute.
        """
        for service in processes(self.port, live_port=int(self.environment["LIVE_PORT"])):
            service.start(self.environment, self.logs)
            stack.callback(service.stop)
            self.services.append(service)
        _wait_for(f"http://127.0.0.1:{self.port}/healthz", self.logs / "web.log")


def prepare(home: Path, *, port: int, given: Mapping[str, str], stack: ExitStack) -> Installation:
    """Start the servers that the environment `given` does not name, and put the sample marketplaces into the database.

    Raises:
        StartFailed: a server or the set-up failed.
    """
    environment = dict(given) | {
        "DJANGO_SETTINGS_MODULE": "config.settings.demo",
        "PUBLIC_PORT": str(port),
        "LIVE_PORT": str(free_port()),
        "MEDIA_ROOT": str(home / "media"),
        "STATIC_ROOT": str(home / "static"),
        "THEME_CACHE_DIR": str(home / "themes"),
        "PYTHONUNBUFFERED": "1",
    }
    environment.setdefault("SECRET_KEY", _kept_secret(home))
    if "DATABASE_URL" not in environment:
        postgres = start_postgres(home / "postgres", durable=True)
        stack.callback(postgres.stop)
        environment |= postgres.addresses("postgres")
    if "REDIS_URL" not in environment:
        redis = start_redis(home / "redis", durable=True)
        stack.callback(redis.stop)
        environment["REDIS_URL"] = redis.url()
    if "EMAIL_HOST" not in environment:
        _start_mailbox(home, environment, stack)
    if "STRIPE_SECRET_KEY" not in environment and "STRIPE_SECRET_KEY_FILE" not in environment:
        _start_stripe(home, environment, stack)
    installation = Installation(home, port, environment)
    _keep_environment(home, environment, given)
    installation.manage("setup")
    installation.manage("demo", "seed")
    installation.manage("collectstatic", "--noinput", "--verbosity=0")
    return installation


def kept_environment(home: Path) -> dict[str, str]:
    """What the installation of `home` was last started with, beyond what was given to it: for commands beside it.

    Raises:
        StartFailed: it was never started.
    """
    try:
        return dict(json.loads((home / _ENVIRONMENT).read_text()))
    except FileNotFoundError:
        raise StartFailed("there is no demo yet: start one with `make demo`, and leave it running.") from None


def _keep_environment(home: Path, environment: Mapping[str, str], given: Mapping[str, str]) -> None:
    own = {name: value for name, value in environment.items() if given.get(name) != value}
    path = home / _ENVIRONMENT
    path.touch(mode=0o600)
    path.write_text(json.dumps(own, indent=2))


def processes(port: int, *, live_port: int) -> list[Service]:
    """The same commands as docker-compose.yml runs, one process each."""
    live = ["uvicorn", "config.asgi:application", "--host=127.0.0.1", f"--port={live_port}", "--log-level=warning"]
    web = ["gunicorn", "config.wsgi", "--bind", f"127.0.0.1:{port}", "--worker-class=gthread", "--threads=8"]
    web.append("--no-control-socket")  # one per user by default, in their home: two installations would share it
    worker = ["celery", "-A", "config.celery", "worker", "--pool=prefork", "--concurrency=2", "--loglevel=info"]
    return [
        Service("web", [PYTHON, "-m", *web]),
        Service("live", [PYTHON, "-m", *live]),
        Service("worker", [PYTHON, "-m", *worker, "--without-mingle", "--without-gossip"]),
        Service("sweeper", [PYTHON, "manage.py", "sweeper"]),
    ]


def _start_mailbox(home: Path, environment: dict[str, str], stack: ExitStack) -> None:
    smtp_port, http_port = free_port(), int(environment.get("MAILBOX_PORT") or free_port())
    command = [PYTHON, "-m", "ops.local.mailbox", str(home / "mail"), f"--smtp-port={smtp_port}", f"--http-port={http_port}"]
    child = start_child(command, log=home / "logs" / "mailbox.log", env=environment, cwd=ROOT)
    stack.callback(stop_child, child)
    environment |= {"EMAIL_HOST": "127.0.0.1", "EMAIL_PORT": str(smtp_port), "MAILBOX_PORT": str(http_port)}


def _start_stripe(home: Path, environment: dict[str, str], stack: ExitStack) -> None:
    """A Stripe of our own in the place of the real one, where no key of the real one is given."""
    port = int(environment.get("STRIPE_PORT") or free_port())
    environment |= {
        "STRIPE_PORT": str(port),
        "STRIPE_API_BASE": f"http://127.0.0.1:{port}",
        "STRIPE_SECRET_KEY": TEST_KEY,
        "STRIPE_WEBHOOK_SECRETS": TEST_SECRET,
        "STRIPE_CLOCK_FILE": str(home / "stripe" / "moved"),
    }
    command = [PYTHON, "-m", "integrations.stripe.fake", f"--port={port}", f"--state={home / 'stripe' / 'state.sqlite'}"]
    command.append(f"--clock={environment['STRIPE_CLOCK_FILE']}")
    command.append(f"--endpoint=http://127.0.0.1:{environment['PUBLIC_PORT']}{WEBHOOK_PATH}")
    child = start_child(command, log=home / "logs" / "stripe.log", env=environment, cwd=ROOT)
    stack.callback(stop_child, child)


def _kept_secret(home: Path) -> str:
    """The installation's own key, made once: sessions and links survive a restart."""
    path = home / "secret-key"
    if not path.exists() or not path.read_text():
        # Renamed when it is whole: a run that is killed in between leaves no empty key behind.
        draft = path.with_suffix(f".{os.getpid()}")
        draft.parent.mkdir(parents=True, exist_ok=True)
        draft.unlink(missing_ok=True)
        draft.touch(mode=0o600, exist_ok=False)
        draft.write_text(secrets.token_urlsafe(48))
        draft.replace(path)
    return path.read_text()


def _wait_for(url: str, log: Path) -> None:
    deadline = time.monotonic() + _READY_SECONDS
    while time.monotonic() < deadline:
        try:
            with urllib.request.urlopen(url, timeout=2):  # noqa: S310  # our own address on loopback
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.1)
    raise StartFailed("the pages did not come up:\n" + "\n".join(log.read_text(errors="replace").splitlines()[-20:]))
