"""Apache Kafka's jars and the Java that runs them, found or fetched; apart from the node that uses them.

Maven resolves and checks the jars (its own checksums); they are kept in the user's cache, whole or not at all.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Callable
from pathlib import Path

from safety.errors import Unavailable

#: The newest 4.x on Maven Central when this was written; the tests run against it.
VERSION = "4.3.0"
SCALA = "2.13"
#: Kafka 4 brokers need this or newer (kafka.apache.org, "Compatibility").
JAVA = 17
FETCH_SECONDS = 600

POM = f"""\
<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>clearance</groupId><artifactId>embedded-kafka</artifactId><version>1</version>
  <dependencies>
    <dependency><groupId>org.apache.kafka</groupId><artifactId>kafka_{SCALA}</artifactId><version>{VERSION}</version></dependency>
    <dependency><groupId>org.slf4j</groupId><artifactId>slf4j-simple</artifactId><version>1.7.36</version></dependency>
  </dependencies>
</project>
"""


def find_java() -> Path:
    """The ``java`` program, from ``JAVA_HOME`` or the path. Raises ``Unavailable`` when there is none that is new enough."""
    home = os.environ.get("JAVA_HOME")
    found = [str(Path(home) / "bin" / "java")] if home else []
    found += [path] if (path := shutil.which("java")) else []
    versions = {path: version for path in found if (version := _version(path)) is not None}
    for path, version in versions.items():
        if version >= JAVA:
            return Path(path)
    if versions:
        newest = max(versions.values())
        raise Unavailable(f"The embedded Kafka needs Java {JAVA} or newer and this machine has {newest}; install a newer one.")
    raise Unavailable(f"The embedded Kafka needs Java {JAVA} or newer and there is none here; install it, or name a broker.")


def bring(folder: Path, say: Callable[[str], None] = lambda _: None) -> Path:
    """Fill ``folder`` with the jars unless it is there already, and return it. Raises ``Unavailable``."""
    if folder.is_dir():
        return folder
    maven = shutil.which("mvn")
    if maven is None:
        raise Unavailable(
            "The embedded Kafka needs Maven to fetch its jars and there is none here; install it, or name a broker."
        )
    say(f"Fetching Apache Kafka {VERSION} from Maven Central (44 MB, once)")
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder.parent) as scratch:
        (Path(scratch) / "pom.xml").write_text(POM, "utf-8")
        jars = Path(scratch) / "jars"
        command = [maven, "-q", "-B", "dependency:copy-dependencies", "-DincludeScope=runtime", f"-DoutputDirectory={jars}"]
        try:
            done = subprocess.run(command, cwd=scratch, capture_output=True, text=True, timeout=FETCH_SECONDS, check=False)
        except subprocess.TimeoutExpired as reason:
            raise Unavailable("Maven did not bring Apache Kafka's jars in ten minutes; try again when online.") from reason
        if done.returncode or not list(jars.glob("kafka-server-*.jar")):
            raise Unavailable(f"Maven could not bring Apache Kafka's jars ({_first_error(done.stdout)}); try again when online.")
        try:
            jars.rename(folder)
        except OSError:  # somebody else was first
            if not folder.is_dir():
                raise
    return folder


def _version(java: str) -> int | None:
    try:
        answer = subprocess.run([java, "-version"], capture_output=True, text=True, timeout=30, check=False).stderr
    except (OSError, subprocess.TimeoutExpired):
        return None
    match = re.search(r'version "(\d+)', answer)
    return int(match.group(1)) if match else None


def _first_error(output: str) -> str:
    lines = [re.sub(r"\x1b\[[0-9;]*m", "", line) for line in output.splitlines()]
    errors = [line.removeprefix("[ERROR]").strip() for line in lines if line.startswith("[ERROR]")]
    return (errors[0] if errors else "no reason given")[:200].rstrip(".")
