"""Put the Titanic data set into the OpenML cache, for a machine without network access.

scikit-learn's tests ship the complete file of OpenML's data set 40945 (licence: Public) and the
server's responses; copied into the cache they equal a download. Run from the project's root:
``python -m scripts.titanic``.
"""

from importlib.resources import files
from pathlib import Path

from active_learning.data.sources.openml import CACHE

SHIPPED = files("sklearn.datasets.tests.data.openml") / "id_40945"
NAMES = {
    "api-v1-jd-40945.json.gz": "api/v1/json/data/40945.gz",
    "api-v1-jdf-40945.json.gz": "api/v1/json/data/features/40945.gz",
    "api-v1-jdq-40945.json.gz": "api/v1/json/data/qualities/40945.gz",
    "data-v1-dl-16826755.arff.gz": "data/v1/download/16826755/Titanic.arff.gz",
}


def main(cache: Path = CACHE) -> None:
    """Copy the four files."""
    for shipped, cached in NAMES.items():
        path = cache / "openml" / "openml.org" / cached
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes((SHIPPED / shipped).read_bytes())
    print(f"Titanic: {len(NAMES)} files in {cache / 'openml'}")


if __name__ == "__main__":
    main()
