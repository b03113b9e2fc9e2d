"""Whom the database server runs as, and where that user can reach its files."""

import hashlib
import os
import pwd
import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

ORDINARY = "nobody"
SHARED = Path("/var/tmp")  # noqa: S108 - a directory of ours in it is made with care, see `elsewhere`


@dataclass(frozen=True)
class Identity:
    """The user a process is started as; without ids, whoever started us."""

    uid: int | None = None
    gid: int | None = None

    @property
    def other(self) -> bool:
        """Whether it is somebody else than the user of this process."""
        return self.uid is not None

    def run(self, *command: str) -> subprocess.CompletedProcess[str]:
        """Run a short command as this user; failure to start at all counts as code 126."""
        try:
            return subprocess.run(
                command,
                user=self.uid,
                group=self.gid,
                extra_groups=[] if self.other else None,
                cwd="/",
                env=_environment(),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
                check=False,
            )
        except OSError as refused:
            return subprocess.CompletedProcess(command, 126, stdout=str(refused))

    def spawn(self, command: Sequence[str], log: Path) -> subprocess.Popen[bytes]:
        """Start a server as this user, in a session of its own, its output added to `log`."""
        with log.open("ab") as output:
            return subprocess.Popen(
                command,
                user=self.uid,
                group=self.gid,
                extra_groups=[] if self.other else None,
                cwd="/",
                env=_environment(),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                # Ctrl-C in the terminal is for the runner, which stops the server's clients first.
                start_new_session=True,
            )

    def give(self, path: Path, mode: int) -> None:
        """Make `path` this user's, with these permissions."""
        if self.uid is not None and self.gid is not None:
            os.chown(path, self.uid, self.gid)
        path.chmod(mode)

    def room(self, home: Path, name: str) -> Path | None:
        """Return `home`/`name`, or its place elsewhere, as a directory only this user may enter.

        None where neither can be reached.
        """
        for parent in (home, elsewhere(home)) if self.other else (home,):
            room = parent / name
            if room.exists():
                return room if self.owns(room) else None
            if parent == home:
                home.mkdir(parents=True, exist_ok=True)
                if self.other:
                    # To pass through is enough; what lies in `home` stays unlisted.
                    home.chmod(home.stat().st_mode | 0o011)
            elif not _make_shared(parent):
                return None
            room.mkdir()
            self.give(room, 0o700)
            if self.run("test", "-w", str(room)).returncode == 0:
                return room
            room.rmdir()
        return None

    def owns(self, path: Path) -> bool:
        """Say whether the file or directory is this user's and within their reach."""
        mine = os.geteuid() if self.uid is None else self.uid
        reachable = not self.other or self.run("test", "-r", str(path)).returncode == 0
        return path.stat().st_uid == mine and reachable


def ordinary() -> Identity:
    """Return this process's own identity, or `nobody` where it is root."""
    if os.geteuid() != 0:
        return Identity()
    entry = pwd.getpwnam(ORDINARY)
    return Identity(entry.pw_uid, entry.pw_gid)


def elsewhere(path: Path) -> Path:
    """Return the directory that stands in for one which only root can reach."""
    return SHARED / f"hromada-{hashlib.sha256(bytes(path.resolve())).hexdigest()[:12]}"


def reachable_copy(home: Path, parts: Sequence[str]) -> Path:
    """Copy some of the trees in `home` to where every user may read them; return that place."""
    place = elsewhere(home)
    if _make_shared(place):
        for part in parts:
            if (home / part).exists():
                shutil.copytree(home / part, place / part, symlinks=True, dirs_exist_ok=True)
                for directory in (place / part).relative_to(place).parents:
                    (place / directory).chmod(0o755)
                _open_to_all(place / part)
    return place


def _make_shared(directory: Path) -> bool:
    """Make a directory others may pass through; False when somebody else made it before us."""
    directory.mkdir(exist_ok=True, mode=0o711)
    if directory.is_symlink() or directory.stat().st_uid != os.geteuid():
        return False
    directory.chmod(0o711)
    return True


def _open_to_all(tree: Path) -> None:
    for path in (tree, *tree.rglob("*")):
        if path.is_symlink():
            continue
        runs = path.is_dir() or path.stat().st_mode & 0o100
        path.chmod(0o755 if runs else 0o644)


def _environment() -> dict[str, str]:
    """Return what a server needs of the environment: nothing of the caller's settings."""
    return {"PATH": os.environ.get("PATH", "/usr/bin:/bin"), "LC_ALL": "C", "TZ": "UTC"}
