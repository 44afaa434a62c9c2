#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Every file of the corpora cut at 64 points and with seeded byte flips, each given to the release build.

usage: malformed.py LUMEN FOLDER… [--cuts 64] [--flips 16] [--jobs 2] [--seconds 2] [--megabytes 1024]
A file passes when the command ends by itself with a documented exit code, in time and within the memory, with one line of
reason when it fails, and leaves no partial output. Exit 1 when one does not.
"""
import argparse, collections, os, random, signal, sys, tempfile, threading, time, zlib
from concurrent.futures import ThreadPoolExecutor

CODES = {0: "read", 64: "parameter", 65: "malformed", 66: "not found", 69: "unsupported", 74: "io", 77: "limit"}


def variants(data, name, cuts, flips):
    random_ = random.Random(zlib.crc32(name.encode()))
    for k in range(cuts):
        yield "cut %d/%d" % (k, cuts), data[: len(data) * k // cuts]
    for k in range(flips if data else 0):
        damaged = bytearray(data)
        # Half of the flips hit the first KiB, where headers are.
        reach = len(damaged) if k % 2 else min(1024, len(damaged))
        for _ in range(1 << (k % 5)):
            at = random_.randrange(reach)
            damaged[at] = random_.randrange(256) if k % 3 else damaged[at] ^ (1 << random_.randrange(8))
        yield "flip %d" % k, bytes(damaged)


def run(command, seconds):
    """exit code or -signal, wall seconds, peak MB, standard error"""
    read, write = os.pipe()
    null = os.open(os.devnull, os.O_RDWR)
    pid = os.posix_spawn(command[0], command, os.environ, file_actions=[
        (os.POSIX_SPAWN_DUP2, null, 0), (os.POSIX_SPAWN_DUP2, null, 1), (os.POSIX_SPAWN_DUP2, write, 2)])
    os.close(write)
    os.close(null)
    start = time.monotonic()
    timer = threading.Timer(seconds * 5, os.kill, (pid, signal.SIGKILL))
    timer.start()
    with os.fdopen(read, "rb") as pipe:
        text = pipe.read(1 << 16)
    _, status, usage = os.wait4(pid, 0)
    timer.cancel()
    return os.waitstatus_to_exitcode(status), time.monotonic() - start, usage.ru_maxrss / 1024, text


def main():
    ap = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ap.add_argument("lumen")
    ap.add_argument("folders", nargs="+")
    ap.add_argument("--cuts", type=int, default=64)
    ap.add_argument("--flips", type=int, default=16)
    ap.add_argument("--jobs", type=int, default=2)
    ap.add_argument("--seconds", type=float, default=2)
    ap.add_argument("--megabytes", type=float, default=1024)
    a = ap.parse_args()
    files = sorted(os.path.join(d, f) for top in a.folders for d, _, names in os.walk(top) for f in names)
    totals, bad, peak, slowest, lock = collections.Counter(), [], [0.0, ""], [0.0, ""], threading.Lock()

    def one(path):
        name = os.path.basename(path)
        data = open(path, "rb").read()
        with tempfile.TemporaryDirectory(dir="/dev/shm" if os.path.isdir("/dev/shm") else None) as folder:
            ending = name[name.index("."):] if "." in name else ""
            damaged, out = os.path.join(folder, "damaged" + ending), os.path.join(folder, "out.raw")
            for what, content in variants(data, name, a.cuts, a.flips):
                with open(damaged, "wb") as f:
                    f.write(content)
                code, seconds, megabytes, text = run([a.lumen, "convert", damaged, "--raw", out], a.seconds)
                faults = []
                if code not in CODES:
                    faults.append("exit %d" % code)
                if seconds > a.seconds:
                    faults.append("%.1f s" % seconds)
                if megabytes > a.megabytes:
                    faults.append("%.0f MB" % megabytes)
                if code and not any(line.startswith(b"lumen: ") for line in text.splitlines()):
                    faults.append("no reason")
                left = [f for f in os.listdir(folder) if not f.startswith("damaged") and not (f == "out.raw" and not code)]
                if left:
                    faults.append("left " + left[0])
                for f in os.listdir(folder):
                    os.unlink(os.path.join(folder, f))
                with lock:
                    totals[CODES.get(code, "other")] += 1
                    if megabytes > peak[0]:
                        peak[:] = [megabytes, "%s, %s" % (name, what)]
                    if seconds > slowest[0]:
                        slowest[:] = [seconds, "%s, %s" % (name, what)]
                    if faults:
                        bad.append("%s, %s: %s" % (name, what, ", ".join(faults)))

    with ThreadPoolExecutor(a.jobs) as pool:
        list(pool.map(one, files))
    for line in bad[:100]:
        print(line)
    print("%d files from %d originals: %s" % (sum(totals.values()), len(files), ", ".join(
        "%d %s" % (n, k) for k, n in sorted(totals.items()))))
    print("longest %.2f s (%s); most memory %.0f MB (%s)" % (*slowest, *peak))
    print("%d faults" % len(bad))
    return 1 if bad else 0


sys.exit(main())
