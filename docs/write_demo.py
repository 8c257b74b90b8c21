"""Writes the demo's report into README.md. Run by `make readme`; the figures are measured, never typed."""

import os
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent
BLOCK = re.compile(r"(<!-- demo:begin[^\n]*-->\n).*?(<!-- demo:end -->)", re.DOTALL)


def main() -> None:
    programs = Path(sys.executable).parent
    command = [str(programs / "entrepot"), "demo", "--seed", "1"]
    # on the path, so that the printed commands name no folder of this machine
    environment = os.environ | {"COLUMNS": "110", "PATH": f"{programs}{os.pathsep}{os.environ['PATH']}"}
    report = subprocess.run(command, cwd=ROOT, env=environment, check=True, capture_output=True, text=True).stdout
    readme = ROOT / "README.md"
    text = "\n".join(line.rstrip() for line in report.strip().splitlines())
    block = f"```text\n{text}\n```\n"
    readme.write_text(BLOCK.sub(lambda found: found[1] + block + found[2], readme.read_text("utf-8")), "utf-8")


main()
