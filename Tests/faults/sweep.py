#!/usr/bin/env python3
"""Runs pkigen again and again, each time with one file-system call that fails, or in which the run dies.

usage: sweep.py PKIGEN [--every N] [--faults KILL,ENOSPC,EIO,EACCES,EIO+] [--only COMMAND[,COMMAND]] [--jobs N]

strace makes the call fail (-e inject). Every call is taken in turn, from the first that names the tree to the last;
after each fault the tree is checked as it lies there, then a reader looks at it, then the next run has to finish or to
forget what the last one did, without help. Prints a line for each command, and the faults that were not survived.
"""

import argparse
import collections
import multiprocessing
import os
import re
import shutil
import subprocess
import sys
import tempfile

import tree

STRACE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "judges", "strace.sh")
CALLS = (
    "open,openat,newfstatat,stat,lstat,fstat,statx,read,write,fsync,close,fchmod,chmod,fchown,rename,renameat2,link,"
    "linkat,unlink,unlinkat,mkdir,rmdir,flock,ftruncate,getdents64,readlink,sync_file_range,"
    "listxattr,getxattr,fgetxattr,fsetxattr,fremovexattr"
)
CLUSTER = ["--node-name", "cp1", "--advertise-ip", "10.0.0.10", "--key-algorithm", "ecdsa-p256"]
PREPARED = ["init", *CLUSTER, "--jobs", "1", "-q", "-d", "k8s"]

Command = collections.namedtuple(
    "Command", "arguments prepared removed is_atomic next before repeats", defaults=(None, "", True))
REQUESTS = ["csr", "create", "apiserver", "admin", *CLUSTER, "--jobs", "1", "-q", "-d", "k8s"]
LEAVES = ["pki/apiserver.crt", "pki/apiserver.key", "admin.conf"]
ROTATION = {
    "prepare": ["--controller-manager-ready"], "switch": [], "retire": ["--tokens-renewed"], "back": []}


def rotation(verb, *before, repeats=True):
    """A stage of everything, after others."""
    def arguments(verb):
        jobs = [] if verb == "retire" else ["--jobs", "1"]
        return ["rotate", verb, "all", *ROTATION[verb], *jobs, "-q", "-d", "k8s"]
    return Command(
        arguments(verb), True, [], True, ["renew", "scheduler", "-q", "-d", "k8s"],
        "".join('"$PKIGEN" ' + " ".join(arguments(verb)) + "\n" for verb in before) + "rm -rf k8s/pki/.backup",
        repeats)


COMMANDS = {
    "init": Command(PREPARED, False, [], True),
    "phase": Command(
        ["phase", "cert", "apiserver", "etcd-server", *PREPARED[1:]], True,
        ["pki/apiserver.crt", "pki/apiserver.key", "pki/etcd/server.crt", "pki/etcd/server.key"], True),
    "renew": Command(["renew", "all", "--jobs", "1", "-q", "-d", "k8s"], True, [], True, PREPARED),
    "renew --reuse-key": Command(
        ["renew", "apiserver", "admin", "--reuse-key", "--jobs", "1", "-q", "-d", "k8s"], True, [], True, PREPARED),
    "renew --restore": Command(
        ["renew", "--restore", "first", "--jobs", "1", "-q", "-d", "k8s"], True, [], True, PREPARED,
        "$PKIGEN renew apiserver etcd-peer scheduler -q -d k8s && mv k8s/pki/.backup/* first"),
    "renew --update-user-kubeconfig": Command(
        ["renew", "admin", "--update-user-kubeconfig", "--jobs", "1", "-q", "-d", "k8s"], True, [], True, PREPARED,
        "mkdir -p k8s/home/.kube && cp k8s/admin.conf k8s/home/.kube/config"),
    # Two files that belong to no tree: each is whole, and the next run makes both.
    "csr create": Command(
        ["csr", "create", "--common-name", "jane", "--usage", "client", "-q", "--out", "k8s/jane"], False, [], False),
    "csr create NAME": Command(REQUESTS, True, LEAVES, True, before="rm k8s/pki/ca.key"),
    "csr install": Command(
        ["csr", "install", "signed/apiserver.crt", "signed/admin.conf.crt", "-q", "-d", "k8s"], True,
        ["pki/apiserver.csr", "admin.conf.csr"], True,
        before=f"""
            mv k8s/pki/ca.key . && cd k8s && rm {" ".join(LEAVES)} && cd ..
            "$PKIGEN" {" ".join(REQUESTS)}
            "$PKIGEN" csr sign k8s/pki/apiserver.csr k8s/admin.conf.csr \
                --ca-cert k8s/pki/ca.crt --ca-key ca.key --out signed -q
            """),
    "check-expiration": Command(
        ["check-expiration", "-d", "k8s", "-o", "prometheus", "--output-file", "k8s/expiry.prom"], True, [], True),
    "rotate prepare": rotation("prepare"),
    "rotate switch": rotation("switch", "prepare"),
    "rotate retire": rotation("retire", "prepare", "switch"),
    # A second time it would go back one stage more.
    "rotate back": rotation("back", "prepare", "switch", repeats=False),
    "rotate back to idle": rotation("back", "prepare", repeats=False),
}


class Sweep:
    def __init__(self, pkigen, command, directory):
        self.pkigen, self.command, self.directory = pkigen, command, directory
        self.root = os.path.join(directory, "k8s")
        self.start = os.path.join(directory, "start")
        self.environment = {**os.environ, "HOME": os.path.join(self.root, "home"), "SUDO_USER": "", "PKIGEN": pkigen}
        self.faults = self.survived = self.deaths = 0
        self.failures = []
        # A CA's key takes its place after what is trusted, and kube-controller-manager's certificate after that.
        self.mixed = (*tree.WATCHED, *(tree.CAS if command.arguments[0] == "rotate" else ()))
        self.prepare()

    def run(self, arguments, call=None, injection=None):
        """Runs pkigen, with a fault or without."""
        log = os.path.join(self.directory, "injected")
        trace = [STRACE, "-f", "-qq", "-o", log, "-e", f"trace={call}", "-e", f"inject={call}:{injection}"]
        return subprocess.run(
            (trace if injection else []) + [self.pkigen] + arguments, cwd=self.directory, text=True,
            env=self.environment, capture_output=True, timeout=60)

    def is_injected(self):
        with open(os.path.join(self.directory, "injected"), encoding="utf-8", errors="replace") as log:
            return "(INJECTED)" in log.read()

    def reset(self):
        shutil.rmtree(self.root, ignore_errors=True)
        shutil.copytree(self.start, self.root, symlinks=True)

    def prepare(self):
        """Makes what the command finds, and learns which calls it makes and which files it changes."""
        os.mkdir(self.root)
        if self.command.prepared:
            subprocess.run([self.pkigen, *PREPARED], cwd=self.directory, check=True)
        subprocess.run(["sh", "-ec", self.command.before], cwd=self.directory, env=self.environment, check=True)
        for path in self.command.removed:
            os.remove(os.path.join(self.root, path))
        if self.command.prepared:
            try:
                os.setxattr(os.path.join(self.root, "scheduler.conf"), "user.note", b"managed")
            except OSError:
                # Not every file system has them.
                pass
        shutil.copytree(self.root, self.start)
        self.old = tree.targets(self.root)
        log = os.path.join(self.directory, "log")
        subprocess.run(
            [STRACE, "-f", "-qq", "-o", log, "-e", f"trace={CALLS}", self.pkigen, *self.command.arguments],
            cwd=self.directory, env=self.environment, check=True, stdout=subprocess.DEVNULL)
        new = tree.targets(self.root)
        self.expected = set(new)
        self.changed = changes(self.old, new)
        self.calls = counted(log)

    def inject(self, call, number, fault):
        """One run with one fault, and all that must hold afterwards."""
        self.reset()
        action = "signal=KILL" if fault == "KILL" else f"error={fault}"
        # `EIO+` is a disk that stays broken.
        when = f"{number}{'+' if fault.endswith('+') else ''}"
        ended = self.run(self.command.arguments, call, f"{action.rstrip('+')}:when={when}")
        # Whichever thread comes first reads OpenSSL's configuration, so that a run may make a call less than the one that was
        # counted.
        if not ended.returncode and not self.is_injected():
            return
        self.faults += 1
        wrong = self.check_end(ended, fault) + self.check_tree(ended.returncode)
        if fault not in ("KILL", "EIO+") and ended.returncode > 1:
            wrong += self.check_backups()
        if self.command.prepared and fault == "KILL":
            read = self.run(["check-expiration", "-q", "-d", "k8s"])
            # It shows what is in place, and says so of a run that is not finished.
            is_told = read.returncode == 1 and "a run of pkigen " in read.stderr
            if is_told != tree.is_promised(self.root):
                wrong.append(f"of a journal a reader says: {read.stdout + read.stderr}")
            # A tree of which files were removed for this is not sound before they are made again.
            elif read.returncode and not is_told and not self.command.removed:
                wrong.append(f"a reader says: {read.stdout + read.stderr}")
        is_repeated = self.command.repeats and not (self.command.next and self.faults % 2)
        following = self.command.arguments if is_repeated else self.command.next
        # Two files that are both there are not made again.
        is_made = not self.command.is_atomic and self.expected <= set(tree.targets(self.root))
        wrong += self.check_next(following, 73 if is_made else 0)
        self.survived += not wrong
        self.failures += [f"{call} {number} {fault}: {sentence}" for sentence in wrong]

    def check_end(self, ended, fault):
        wrong = []
        self.deaths += ended.returncode == -9 or ended.returncode == 137
        allowed = (-9, 137) if fault == "KILL" else (0, 1, 64, 65, 73, 74, 75, 77, 78)
        if ended.returncode not in allowed:
            wrong.append(f"it ended with {ended.returncode}: {ended.stderr}")
        if ended.returncode > 1 and fault != "KILL" and "error: " not in ended.stderr and not fault.endswith("+"):
            wrong.append(f"it says only: {ended.stderr!r}")
        if "PRIVATE KEY-----" in ended.stdout + ended.stderr:
            wrong.append("it prints a key")
        return wrong

    def check_tree(self, status):
        """What holds at every moment."""
        wrong = tree.exposed(self.root) + tree.broken_backups(self.root, self.old)
        # For everybody who knows nothing of journals, pairs match all the same; but those that a running component watches,
        # which goes on with the old pair until the new one is whole, are replaced key first.
        wrong += tree.pairs(tree.targets(self.root), self.mixed if tree.is_promised(self.root) else ())
        seen = tree.view(self.root)
        wrong += tree.pairs(seen)
        changed = changes(self.old, seen)
        wrong += [f"{path} is gone" for path in self.old if path not in seen and path in self.expected]
        # Status 1: what could not be read was reported, and left as it was.
        if self.command.is_atomic and status != 1 and changed not in (set(), self.changed):
            wrong.append(f"of {len(self.changed)} files, only {sorted(changed)} changed")
        if status == 0 and changed != self.changed:
            wrong.append(f"it calls done what is not: {sorted(self.changed - changed)}")
        return wrong

    def check_backups(self):
        """A run that was refused something and has changed nothing leaves no backup."""
        seen = tree.view(self.root)
        is_unchanged = all(self.old.get(path) == content for path, content in seen.items())
        return [f"a failed run leaves {path}" for path in tree.backups(self.root) if is_unchanged]

    def check_next(self, following, status):
        """What holds when the next run has ended."""
        ended = self.run(following)
        if ended.returncode != status:
            return [f"the next run ended with {ended.returncode}: {ended.stderr}"]
        seen = tree.targets(self.root)
        # Where the stage was not reached, another command does not go there.
        is_left = following != self.command.arguments and set(seen) == set(self.old)
        wrong = [] if is_left else [
            f"the next run does not make {path}" for path in sorted(self.expected - set(seen))]
        wrong += tree.pairs(seen) + tree.exposed(self.root) + tree.leftovers(self.root)
        return wrong + (tree.unsigned(seen) if self.command.prepared or "ca.crt" in str(seen) else [])


def changes(old, new):
    """The files that are new, gone or others."""
    return {path for path in old.keys() | new.keys() if old.get(path) != new.get(path)}


def counted(log):
    """The calls from the first that names the tree on: name, and the how many-th of its name it is.

    Those of the first thread, as strace counts each thread's own, and others do nothing but start OpenSSL.
    """
    counts, calls, first, is_begun = collections.Counter(), [], None, False
    with open(log, encoding="utf-8", errors="replace") as file:
        for line in file:
            match = re.match(r"(\d+) +(\w+)\((.*)", line)
            if not match or match.group(2) == "execve":
                continue
            thread, name, rest = match.groups()
            first = first or thread
            if thread != first:
                assert "k8s" not in rest, f"another thread's call names the tree: {line}"
                continue
            counts[name] += 1
            is_begun = is_begun or "k8s" in rest
            if is_begun:
                calls.append((name, counts[name]))
    return calls


def swept(share):
    """One worker's share of a command's calls, on a tree of its own: calls, faults, survived, deaths, failures."""
    options, name, part = share
    with tempfile.TemporaryDirectory(prefix="pkigen-sweep-") as directory:
        sweep = Sweep(os.path.abspath(options.pkigen), COMMANDS[name], directory)
        calls = sweep.calls[:: options.every][part :: options.jobs]
        for call, number in calls:
            for fault in options.faults.split(","):
                sweep.inject(call, number, fault)
    return len(calls), sweep.faults, sweep.survived, sweep.deaths, sweep.failures


def main():
    parser = argparse.ArgumentParser(usage=__doc__.split("\n\n")[1].removeprefix("usage: "))
    parser.add_argument("pkigen")
    parser.add_argument("--every", type=int, default=1)
    parser.add_argument("--faults", default="KILL,ENOSPC,EIO,EACCES,EIO+")
    parser.add_argument("--only", default=",".join(COMMANDS))
    parser.add_argument("--jobs", type=int, default=os.cpu_count())
    options = parser.parse_args()
    failures = 0
    print(f"{'command':<30} {'calls':>6} {'faults':>7} {'survived':>9}")
    for name in options.only.split(","):
        with multiprocessing.Pool(options.jobs) as pool:
            outcomes = pool.map(swept, [(options, name, part) for part in range(options.jobs)])
        calls, faults, survived, deaths = (sum(outcome[at] for outcome in outcomes) for at in range(4))
        print(f"{name:<30} {calls:>6} {faults:>7} {survived:>9}", flush=True)
        for failure in sorted(failure for outcome in outcomes for failure in outcome[4]):
            print(f"  {failure}", flush=True)
        failures += faults - survived
        if not calls or ("KILL" in options.faults and not deaths):
            sys.exit(f"error: {name}: nothing was injected; does strace work here?")
    sys.exit(1 if failures else 0)


if __name__ == "__main__":
    main()
