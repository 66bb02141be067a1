#!/usr/bin/env python3
"""Reads what strace saw of pkigen, and says where something is committed or done before what it stands on is on the disk.

usage: order.py PKIGEN

The order: a backup, whole; files beside their targets; the journal that lists them; the moves; the journal's end; the
report. Between any two of these stand the flushes of the files and of the directories that changed.
"""

import collections
import os
import re
import subprocess
import sys
import tempfile

from sweep import CLUSTER, STRACE

Call = collections.namedtuple("Call", "at name text")
LOOKS = ("newfstatat", "stat", "lstat", "statx")
JOURNAL = ".pkigen.journal"
STAGED_JOURNAL = "..pkigen.journal.pkigen-new"


def traced(pkigen, arguments, directory):
    """The calls of a run, with the paths that stand for descriptors."""
    log = os.path.join(directory, "log")
    subprocess.run(
        [STRACE, "-f", "-qq", "-y", "-o", log, "-s", "16", "-e",
         f"trace=openat,write,fsync,rename,renameat2,unlink,mkdir,open,prctl,{','.join(LOOKS)}", pkigen, *arguments],
        cwd=directory, check=True, stdout=subprocess.DEVNULL)
    calls = []
    begun = {}
    with open(log, encoding="utf-8", errors="replace") as file:
        for line in file:
            # A call of one thread may come in two parts, before and after what others do meanwhile.
            thread = line.split(" ", 1)[0]
            if " <unfinished ...>" in line:
                begun[thread] = line.split(" <unfinished ...>")[0]
                continue
            line = re.sub(r"^\d+ +<\.\.\. \w+ resumed>", lambda _: begun.pop(thread), line)
            match = re.match(r"\d+ +(\w+)\((.*)\) += (?!-1)", line)
            if match:
                calls.append(Call(len(calls), *match.groups()))
    return calls


def paths(call, root):
    """The paths that a call names, from the root of the file system."""
    return [os.path.normpath(os.path.join(root, path)) for path in re.findall(r'"([^"]*)"', call.text)]


class Order:
    def __init__(self, calls, root):
        self.calls, self.root, self.wrong = calls, root, []
        self.flushes = collections.defaultdict(list)
        for call in calls:
            if call.name == "fsync":
                # After -y, a file that was renamed since has the name that it had when it was open.
                self.flushes[re.search(r"<(.*)>", call.text).group(1)].append(call.at)
        made = ((paths(call, root)[0], call.at) for call in calls if call.name == "openat" and "O_EXCL" in call.text)
        # Only a sanitizer makes files in other places.
        self.created = {path: at for path, at in made if path.startswith(root + "/")}
        self.moves = [call for call in calls if call.name.startswith("rename")]

    def is_flushed(self, path, after, before):
        return any(after < at < before for at in self.flushes[path])

    def expect(self, holds, sentence):
        if not holds:
            self.wrong.append(sentence)

    def move(self, name):
        """When a name appeared."""
        return next((call.at for call in self.moves if os.path.basename(paths(call, self.root)[1]) == name), None)

    def check(self):
        committed = self.move(JOURNAL)
        ended = next((c.at for c in self.calls if c.name == "unlink" and paths(c, self.root)[0].endswith("/" + JOURNAL)), None)
        if committed is None or ended is None:
            return ["there is no journal"]
        certificates = os.path.dirname(next(paths(c, self.root)[1] for c in self.moves if c.at == committed))
        for path, at in self.created.items():
            directory = os.path.dirname(path)
            self.expect(self.is_flushed(path, at, len(self.calls)), f"{path} is never flushed")
            if at < committed:
                self.expect(self.is_flushed(path, at, committed), f"{path} is committed and not on the disk")
                # The journal itself is still to get its name.
                self.expect(
                    os.path.basename(path) == STAGED_JOURNAL or self.is_flushed(directory, at, committed),
                    f"{path} is committed, and its name not on the disk")
        for call in (c for c in self.calls if c.name == "mkdir"):
            made = paths(call, self.root)[0]
            self.expect(
                self.is_flushed(os.path.dirname(made), call.at, committed),
                f"something is committed, and the name of {made} is not on the disk")
        targets = [c for c in self.moves if committed < c.at]
        self.expect(targets, "nothing is moved")
        self.expect(
            all(c.at < committed or c.at > committed and self.is_flushed(certificates, committed, c.at) for c in targets),
            "a file is moved before its journal is on the disk")
        last = max(c.at for c in targets)
        self.expect(last < ended, "the journal ends before the last move")
        for directory in {os.path.dirname(paths(c, self.root)[1]) for c in targets}:
            moved = max(c.at for c in targets if os.path.dirname(paths(c, self.root)[1]) == directory)
            self.expect(self.is_flushed(directory, moved, ended), f"the journal ends before {directory} is on the disk")
        reported = next((c.at for c in self.calls if c.name == "write" and c.text.startswith("1<")), len(self.calls))
        self.expect(self.is_flushed(certificates, ended, reported), "it reports before the journal's end is on the disk")
        return self.wrong + self.backup(committed)

    def backup(self, committed):
        """A backup appears when it is whole, before anything is committed."""
        move = next((c for c in self.moves if "/.backup/" in "".join(paths(c, self.root))), None)
        if move is None:
            return []
        wrong = []
        staged = paths(move, self.root)[0]
        inside = [path for path in self.created if path.startswith(staged + "/")]
        for path in inside:
            for needed in (path, os.path.dirname(path)):
                if not self.is_flushed(needed, self.created[path], move.at):
                    wrong.append(f"the backup appears before {needed} is on the disk")
        if not inside or not self.is_flushed(os.path.dirname(staged), move.at, committed):
            wrong.append("files are committed before their backup is on the disk")
        return wrong


def main():
    pkigen = os.path.abspath(sys.argv[1])
    failures = []
    with tempfile.TemporaryDirectory(prefix="pkigen-order-") as directory:
        directory = os.path.realpath(directory)
        init, renew = ["init", *CLUSTER, "-d"], ["renew", "all", "-d", "k8s"]
        for arguments in (
                [*init, "k8s", "--jobs", "1"], [*renew, "--jobs", "1"], [*init, "other", "--jobs", "4"], [*renew, "--jobs", "4"]):
            calls = traced(pkigen, arguments, directory)
            wrong = Order(calls, directory).check()
            # A run that looks at every file over and over is slow, and sweeps of its faults take hours.
            path, looks = collections.Counter(
                path for c in calls if c.name in LOOKS for path in re.findall(r'"([^"]+)"', c.text)).most_common(1)[0]
            if looks > 100:
                wrong.append(f"{path} is looked at {looks} times")
            guarded = next((c.at for c in calls if c.name == "prctl" and "PR_SET_DUMPABLE, SUID_DUMP_DISABLE" in c.text), None)
            opened = next(c.at for c in calls if ".key" in c.text)
            if guarded is None or guarded > opened:
                wrong.append("the process can be dumped when it opens the first key")
            print(f"{arguments[0]}: {sum(c.name == 'fsync' for c in calls)} flushes, {len(wrong)} out of order")
            failures += wrong
    for failure in failures:
        print(f"  {failure}")
    sys.exit(1 if failures else 0)


if __name__ == "__main__":
    main()
