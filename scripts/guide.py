#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Runs every command of README and guide on the fixtures, and compares the guide's tables with the command's own help.

usage: guide.py LUMEN [--write]    LUMEN: the built command; --write makes the table of filters anew

A command is a line of four spaces or more and "$ lumen …"; three spaces and more end it, what follows is a remark. The
commands of a page run in order in a folder of their own, which has fixtures/ and recipes/ and those files and folders
that the page's commands write. Each must exit with 0, or with 3 where "exit 3" is in its remark. Exit 1 when one does not.
"""
import os, re, subprocess, sys, tempfile, time

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
GUIDE = os.path.join(ROOT, "Sources/Lumen/Lumen.docc")
PAGES = [os.path.join(ROOT, "README.md")] + sorted(
    os.path.join(GUIDE, name) for name in os.listdir(GUIDE) if name.endswith(".md"))
MARKS = "<!-- filters: written by scripts/guide.py -->\n", "<!-- end of filters -->\n"


def commands(page):
    """Command line and remark of each command of a page."""
    with open(page) as file:
        for line in file:
            found = re.match(r" {4,}\$ (lumen .*?)(?: {3,}(.*))?$", line.rstrip("\n"))
            if found:
                yield found.group(1), found.group(2) or ""


def run(lumen):
    """How many commands ran, and the complaints about those that did not."""
    count, complaints = 0, []
    for page in PAGES:
        lines = list(commands(page))
        if not lines:
            continue
        with tempfile.TemporaryDirectory() as folder:
            os.mkdir(os.path.join(folder, "bin"))
            os.symlink(os.path.abspath(lumen), os.path.join(folder, "bin/lumen"))
            for name in ("fixtures", "recipes"):
                os.symlink(os.path.join(ROOT, name), os.path.join(folder, name))
            path = os.path.join(folder, "bin") + ":" + os.environ["PATH"]
            for line, remark in lines:
                done = subprocess.run(line, shell=True, cwd=folder, env=os.environ | {"PATH": path}, text=True,
                                      stdin=subprocess.DEVNULL, capture_output=True)
                count += 1
                if done.returncode != (3 if "exit 3" in remark else 0):
                    complaints.append(f"{os.path.basename(page)}: {line}: exit {done.returncode}: {done.stderr.strip()}")
    return count, complaints


def filters(lumen):
    """The table of filters as the command's help has it."""
    def text(*words):
        return subprocess.run([lumen, *words], check=True, capture_output=True, text=True).stdout
    rows, listing = ["| filter | what | source |", "|---|---|---|"], text("filter", "--help")
    for line in listing[listing.index("FILTERS\n") + 8 : listing.index("\nEXIT CODES")].splitlines():
        found = re.match(r"  (\S+)  ", line)
        if found:
            first, source = text("filter", found.group(1), "--help").splitlines()[:2]
            name, summary = first.split(": ", 1)
            rows.append(f"| `{name}` | {summary} | {source.removeprefix('Source: ')} |")
        elif re.fullmatch(r"[a-z ]+:", line):
            rows.append(f"| **{line[:-1]}** | | |")
    return "\n".join(rows) + "\n"


def main():
    lumen, start = sys.argv[1], time.monotonic()
    page = os.path.join(GUIDE, "Filters.md")
    with open(page) as file:
        content = file.read()
    before, rest = content.split(MARKS[0])
    table, after = rest.split(MARKS[1])
    fresh = filters(lumen)
    if "--write" in sys.argv:
        with open(page, "w") as file:
            file.write(before + MARKS[0] + fresh + MARKS[1] + after)
        table = fresh
    count, complaints = run(lumen)
    if table != fresh:
        complaints.append("Filters.md: the table differs from lumen filter --help; scripts/guide.py LUMEN --write mends it")
    for complaint in complaints:
        print(complaint)
    print(f"Commands of README and guide: {count - sum(': exit ' in c for c in complaints)} of {count} "
          f"in {time.monotonic() - start:.1f} s")
    sys.exit(1 if complaints else 0)


main()
