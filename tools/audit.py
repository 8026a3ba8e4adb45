"""`python -m tools.audit`: look for known faults of the packages in requirements.lock, by pip-audit.

Exit codes: 0 none is known, 1 some are known, 2 nothing could be looked up. Needs pip-audit.
"""

from __future__ import annotations

import json
import subprocess
import sys

from tools.lock import LOCK


def main() -> int:
    """Print what is known, and return the exit code."""
    command = [sys.executable, "-m", "pip_audit", "--requirement", str(LOCK), "--disable-pip", "--format", "json"]
    told = subprocess.run(command, check=False, capture_output=True, text=True)
    try:
        packages = json.loads(told.stdout)["dependencies"]
    except (ValueError, KeyError):
        reason = (told.stderr.strip().splitlines() or ["no answer"])[-1]
        print(f"audit: nothing was audited, since its data cannot be reached ({reason:.200})", file=sys.stderr)
        return 2
    looked_up = [package for package in packages if "skip_reason" not in package]
    faults = [f"{one['name']} {one['version']}: {fault['id']}" for one in looked_up for fault in one["vulns"]]
    print(
        "\n".join(
            [*faults, f"audit: {len(looked_up)} of {len(packages)} packages looked up, {len(faults)} faults known"]
        )
    )
    if not looked_up:
        print("audit: nothing was audited, since its data cannot be reached", file=sys.stderr)
        return 2
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
