"""Files of a model hub over HTTPS, by the standard library: the one place that uses the network.

Only `affetto models pull` comes here. A file is written to a path that the caller throws away when
the fetch fails; what a hub says of a file (length, sha256) is held against what arrived.
"""

import hashlib
import http.client
import os
import re
import shutil
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable, Mapping
from http.client import HTTPMessage, HTTPResponse
from pathlib import Path
from typing import IO

from retrieval.errors import SpaceError

HUB = "https://huggingface.co"
AGENT = "affetto"
TIMEOUT = 30.0  # seconds without a byte
BLOCK = 1 << 20  # bytes
TRIES = 3  # for a file whose connection breaks; each goes on where the last one stopped

# Called with the name of the file, the bytes that are there, and how many there will be.
Watch = Callable[[str, int, int | None], None]


class NotThere(SpaceError):
    """The hub has no such file."""


def hub() -> str:
    """The address of the hub: that of ``HF_ENDPOINT``, else of Hugging Face.

    Raises:
        SpaceError: ``HF_ENDPOINT`` is not an address of the web.
    """
    address = (os.environ.get("HF_ENDPOINT") or HUB).rstrip("/")
    if not address.startswith(("https://", "http://")):
        raise SpaceError(
            f"HF_ENDPOINT is not an address of the web: {address}",
            remedy=f"unset HF_ENDPOINT, or set it to a mirror of {HUB}",
        )
    return address


def fetch(
    repository: str,
    revision: str,
    file: str,
    target: Path,
    *,
    sha256: str | None = None,
    watch: Watch | None = None,
) -> str:
    """Write a file of a repository to `target`; its sha256 in hexadecimal.

    Args:
        revision: a commit or a branch.
        sha256: what it must be, where that is known; the hub's own record is held against too.

    Raises:
        NotThere: the hub has no such file.
        SpaceError: the hub cannot be reached, refuses, breaks off, or gives something else; or the
            disk is full.
    """
    place = urllib.parse.quote(f"{repository}/resolve/{revision}/{file}")
    url = f"{hub()}/{place}"
    recorded = None
    for attempt in range(TRIES):
        try:
            recorded = _receive(url, file, target, watch) or recorded
            break
        except (OSError, http.client.HTTPException) as fault:
            if attempt == TRIES - 1:
                raise _broken_off(url, fault) from fault
    found = sha256_of(target)
    for wanted in (sha256, recorded):
        if wanted not in (None, found):
            raise SpaceError(
                f"the file that arrived is another one: its sha256 is {found} and not {wanted}",
                path=url,
                remedy="try again; if it stays so, do not trust this hub",
            )
    return found


def sha256_of(path: Path) -> str:
    """sha256 of a file, in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _receive(url: str, file: str, target: Path, watch: Watch | None) -> str | None:
    """Append what is missing of a file; the sha256 that the hub records for it, if any."""
    held = target.stat().st_size if target.exists() else 0
    redirects = _Redirects()
    with _open(url, redirects, held) as answer:
        resumed = held > 0 and answer.status == 206
        done = held if resumed else 0
        length = answer.headers.get("Content-Length")
        total = done + int(length) if length else None
        _check_room(target, (total or 0) - done)
        with target.open("ab" if resumed else "wb") as out:
            while block := answer.read(BLOCK):
                _write(out, block, target)
                done += len(block)
                if watch:
                    watch(file, done, total)
    if total is not None and done < total:
        raise ConnectionError(f"{done} of {total} bytes came")
    return redirects.sha256 or _recorded_sha256(answer.headers)


def _open(url: str, redirects: "_Redirects", held: int) -> HTTPResponse:
    request = urllib.request.Request(url, headers={"User-Agent": AGENT})
    if held:
        request.add_header("Range", f"bytes={held}-")
    try:
        # A proxy of the environment is used, as everywhere in urllib.
        answer: HTTPResponse = urllib.request.build_opener(redirects).open(request, timeout=TIMEOUT)
        return answer
    except urllib.error.HTTPError as fault:
        fault.close()
        raise _refused(url, fault.code) from fault
    except urllib.error.URLError as fault:
        raise _unreachable(url, fault.reason) from fault


class _Redirects(urllib.request.HTTPRedirectHandler):
    """Follows the hub to its storage, and keeps the sha256 that only the first answer carries."""

    sha256: str | None = None

    def redirect_request(
        self,
        req: urllib.request.Request,
        fp: IO[bytes],
        code: int,
        msg: str,
        headers: HTTPMessage,
        newurl: str,
    ) -> urllib.request.Request | None:
        self.sha256 = _recorded_sha256(headers) or self.sha256
        return super().redirect_request(req, fp, code, msg, headers, newurl)


def _recorded_sha256(headers: Mapping[str, str] | HTTPMessage) -> str | None:
    """The sha256 by which the hub stores a large file; small files have none."""
    tag = (headers.get("X-Linked-Etag") or "").strip('"')
    return tag if re.fullmatch(r"[0-9a-f]{64}", tag) else None


def _check_room(target: Path, wanted: int) -> None:
    free = shutil.disk_usage(target.parent).free
    if wanted > free:
        raise SpaceError(
            f"{wanted / 1e6:.0f} MB are needed and {free / 1e6:.0f} MB are free",
            path=target.parent,
            remedy="make room, or set AFFETTO_MODELS to a folder on another disk",
        )


def _write(out: IO[bytes], block: bytes, target: Path) -> None:
    # Caught here, where an OSError is the disk's and not the network's.
    try:
        out.write(block)
        out.flush()
    except OSError as fault:
        raise SpaceError(
            f"the file cannot be written: {fault.strerror or fault}",
            path=target.parent,
            remedy="make room, or set AFFETTO_MODELS to a folder on another disk",
        ) from fault


WITHOUT_NETWORK = "on a machine without a network: affetto models pull NAME --from FILE"


def _refused(url: str, code: int) -> SpaceError:
    if code == 404:
        return NotThere("the hub has no such file (404)", path=url, remedy=WITHOUT_NETWORK)
    if code in (401, 403):
        return SpaceError(
            f"the hub refuses this file ({code})",
            path=url,
            remedy="fetch it yourself, then affetto models pull NAME --from FILE",
        )
    return SpaceError(f"the hub answers with an error ({code})", path=url, remedy="try later")


def _unreachable(url: str, reason: object) -> SpaceError:
    return SpaceError(f"the hub cannot be reached: {reason}", path=url, remedy=WITHOUT_NETWORK)


def _broken_off(url: str, fault: Exception) -> SpaceError:
    return SpaceError(
        f"the connection broke off {TRIES} times: {fault or type(fault).__name__}",
        path=url,
        remedy=f"try again; {WITHOUT_NETWORK}",
    )
