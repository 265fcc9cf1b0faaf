"""Where the data of a person lies when nobody says: one folder for libraries, one for models."""

import os
import sys
from pathlib import Path


def data_folder() -> Path:
    """The per-user data folder of the system for this program; it need not exist."""
    if sys.platform == "darwin":
        base = Path.home() / "Library" / "Application Support"
    elif sys.platform == "win32":
        base = Path(os.environ.get("LOCALAPPDATA", Path.home() / "AppData" / "Local"))
    else:
        base = Path(os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share")
    return base / "affetto"
