"""Settings and fixtures shared by all tests."""

import os
from pathlib import Path

import pytest

# Set before numpy loads: the tests run in several processes, each stays on one core.
for _name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[_name] = "1"
os.environ["MPLBACKEND"] = "Agg"

REPO = Path(__file__).resolve().parents[1]


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """Folder of openly licensed data sets that are not part of the repository."""
    folder = Path(os.environ.get("RECOVERY_SHARED_DATA", REPO.parent / "shared" / "data"))
    if not folder.is_dir():
        pytest.skip(f"no data sets at {folder}; RECOVERY_SHARED_DATA can name their folder")
    return folder
