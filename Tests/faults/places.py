#!/usr/bin/env python3
"""Runs pkigen where it is hard to write: full and read-only disks, two file systems, odd links, odd names, other users.

usage: places.py PKIGEN

What needs a mount gets one in a mount namespace of its own (unshare -m, as root; else with -r).
"""

import os
import shutil
import struct
import subprocess
import sys
import tempfile

import tree
from sweep import CLUSTER, STRACE

FORGED = "a b\nerror: forged\x1b[2J"


class Place:
    """A directory in which a case runs, inside its namespace."""

    def __init__(self, pkigen):
        self.pkigen = os.path.abspath(pkigen)
        self.directory = tempfile.mkdtemp(prefix="pkigen-places-")
        self.root = os.path.join(self.directory, "k8s")
        self.wrong = []

    def run(self, *arguments, status=0, says="", user=None, under=()):
        """Runs pkigen; says what is wrong unless it ends with this status and such a sentence."""
        become = ["setpriv", f"--reuid={user}", f"--regid={user}", "--clear-groups"] if user else []
        ended = subprocess.run([*under, *become, self.pkigen, *arguments], cwd=self.directory, text=True, capture_output=True)
        if ended.returncode != status or says not in ended.stderr:
            self.wrong.append(f"{arguments[0]}: {ended.returncode}, not {status} {says!r}: {ended.stdout}{ended.stderr}")
        if "PRIVATE KEY-----" in ended.stdout + ended.stderr:
            self.wrong.append("it prints a key")
        return ended

    def init(self, *more, **expected):
        return self.run("init", *CLUSTER, "--jobs", "1", "-d", self.root, *more, **expected)

    def renew(self, *more, **expected):
        return self.run("renew", "all", "--jobs", "1", "-d", self.root, *more, **expected)

    def expect(self, holds, sentence):
        if not holds:
            self.wrong.append(sentence)

    def check(self, seen=None):
        seen = seen or tree.targets(self.root)
        self.wrong += tree.pairs(seen) + tree.unsigned(seen) + tree.exposed(self.root) + tree.leftovers(self.root)


def mount(*arguments):
    subprocess.run(["mount", *arguments], check=True)


def full_disk(place):
    os.mkdir(place.root)
    mount("-t", "tmpfs", "-o", "size=40k", "tmpfs", place.root)
    place.init(status=74, says="No space left on device")
    place.expect(not tree.files(place.root), f"left on a full disk: {sorted(tree.files(place.root))}")
    mount("-o", "remount,size=4m", place.root)
    place.init()
    place.check()
    old = tree.files(place.root)
    # Room for the backup and a few of the staged files.
    with open(os.path.join(place.root, "ballast"), "wb") as ballast:
        rest = os.statvfs(place.root)
        ballast.write(bytes((rest.f_bavail - 30) * rest.f_bsize))
    place.renew(status=74, says="No space left on device")
    os.remove(os.path.join(place.root, "ballast"))
    place.expect(tree.files(place.root) == old, "a renewal on a full disk changed something, or left a backup")
    place.renew()
    place.check()


def read_only(place):
    os.mkdir(place.root)
    mount("-t", "tmpfs", "tmpfs", place.root)
    place.init()
    removed = os.path.join(place.root, "scheduler.conf")
    mount("-o", "remount,ro", place.root)
    place.init()
    place.run("check-expiration", "-d", place.root)
    place.renew(status=77, says="Read-only file system")
    mount("-o", "remount,rw", place.root)
    os.remove(removed)
    mount("-o", "remount,ro", place.root)
    place.init(status=77, says="Read-only file system")
    mount("-o", "remount,rw", place.root)
    place.init()
    place.check()


def two_file_systems(place):
    other = os.path.join(place.directory, "other")
    os.mkdir(other)
    mount("-t", "tmpfs", "tmpfs", other)
    place.init("--kubeconfig-dir", other)
    place.renew("--kubeconfig-dir", other)
    place.expect(len(tree.targets(other)) == 4, "kubeconfigs are not where they should be")
    place.wrong += tree.leftovers(other)
    place.check()
    # A key on another file system cannot be exchanged with its certificate in one step.
    key, kept = os.path.join(place.root, "pki/etcd/server.key"), os.path.join(other, "server.key")
    shutil.move(key, kept)
    os.symlink(kept, key)
    place.renew("--kubeconfig-dir", other, says="cannot exchange")
    place.expect(os.path.islink(key), "a link was replaced")
    place.wrong += tree.leftovers(other)
    place.check()


def no_flags(place):
    """A file system, as NFS, whose renames can neither exchange nor spare what is there."""
    under = [STRACE, "-f", "-qq", "-o", "/dev/null", "-e", "inject=renameat2:error=EINVAL"]
    place.init(under=under)
    place.check()
    place.renew(under=under, says="cannot exchange")
    place.check()
    request = ["csr", "create", "--common-name", "jane", "--out", os.path.join(place.directory, "jane")]
    place.run(*request, under=under)
    place.run(*request, under=under, status=73, says="is there already")


def links(place):
    place.init()
    path = os.path.join(place.root, "pki/apiserver.crt")
    second = os.path.join(place.directory, "second.crt")
    os.link(path, second)
    with open(path, "rb") as file:
        old = file.read()
    place.renew()
    with open(second, "rb") as file:
        place.expect(file.read() == old, "the other name of a file was written to")
    place.check()
    before = tree.files(place.root)
    for name in ("pki/ca.crt", "scheduler.conf"):
        path = os.path.join(place.root, name)
        os.rename(path, path + ".away")
        os.symlink("/nowhere/at/all", path)
        place.init("--rootfs", "/", status=65, says="is a symbolic link to nothing")
        os.remove(path)
        os.rename(path + ".away", path)
    place.expect(tree.files(place.root) == before, "something was written beside a dangling link")


def no_entry(place):
    if os.geteuid():
        return
    os.chmod(place.directory, 0o755)
    # Where it was built, others may not be let in.
    place.pkigen = shutil.copy(place.pkigen, place.directory)
    os.mkdir(place.root, 0o755)
    os.chown(place.root, 65534, 65534)
    place.init(user=65534)
    place.check()
    # Root renews, and the files stay their owner's.
    place.renew()
    owners = {os.stat(os.path.join(place.root, path)).st_uid for path in tree.targets(place.root)}
    place.expect(owners == {65534}, f"files belong to {owners}")
    # So do the backup, and what the run left for itself: the owner can renew again, and put the backup back.
    backup = os.path.join(place.root, "pki", tree.BACKUP)
    place.run("renew", "--restore", os.path.join(backup, os.listdir(backup)[0]), "-d", place.root, user=65534)
    place.renew(user=65534)
    # Root makes what is missing, and that is the owner's as well.
    for path in ("pki/apiserver.crt", "pki/apiserver.key", "scheduler.conf"):
        os.remove(os.path.join(place.root, path))
    place.init()
    owners = {os.stat(os.path.join(place.root, path)).st_uid for path in tree.targets(place.root)}
    place.expect(owners == {65534}, f"files that root made belong to {owners}")
    place.renew(user=65534)
    place.run("verify", "-q", "-d", place.root, user=65534)
    before = tree.files(place.root)
    # Listed, but not entered.
    os.chmod(os.path.join(place.root, "pki"), 0o600)
    place.renew(status=1, says="Permission denied", user=65534)
    place.run("check-expiration", "-d", place.root, status=1, says="Permission denied", user=65534)
    place.init(status=77, says="Permission denied", user=65534)
    os.chmod(os.path.join(place.root, "pki"), 0o755)
    place.expect(tree.files(place.root) == before, "something changed in a directory that cannot be entered")
    os.chown(os.path.join(place.root, "pki"), 0, 0)
    place.renew(status=77, says="Permission denied", user=65534)
    place.expect(tree.files(place.root) == before, "something changed in another's directory")


def odd_names(place):
    place.root = os.path.join(place.directory, FORGED)
    ended = [place.init(), place.renew(), place.run("check-expiration", "-d", place.root)]
    place.check()
    with open(os.path.join(place.root, "pki/ca.key"), "w", encoding="utf-8") as file:
        file.write("no key\n")
    os.remove(os.path.join(place.root, "admin.conf"))
    ended += [
        place.init(status=65), place.run("verify", "-d", place.root, status=1),
        place.run("inspect", os.path.join(place.root, "pki/ca.key"), status=65),
        place.run("check-expiration", "-d", place.root, status=1),
        place.run("renew", FORGED, "-d", place.root, status=64), place.run(FORGED, status=64),
        place.run("init", "--advertise-ip", FORGED, "-d", place.root, status=64),
        place.run("init", f"--{FORGED}", status=64), place.run("init", "-o", FORGED, status=64),
    ]
    for text in [result.stdout + result.stderr for result in ended]:
        place.expect("\x1b" not in text, f"the terminal's escape is printed: {text!r}")
        place.expect("\nerror: forged" not in text, f"a line is forged: {text!r}")


def access_list(user):
    """An access-control list, see acl(5): the owner reads and writes, and one more user reads."""
    entries = [(1, 6, -1), (2, 4, user), (4, 0, -1), (16, 4, -1), (32, 0, -1)]
    return struct.pack("<I", 2) + b"".join(struct.pack("<HHi", *entry) for entry in entries)


def attributes(place):
    """Access-control lists and attributes of the user's stay with a file that is replaced."""
    mount("-t", "tmpfs", "tmpfs", place.directory)
    place.init()
    wanted = {}
    for path in ("pki/etcd/server.key", "pki/apiserver.key", "admin.conf"):
        wanted[path, "system.posix_acl_access"] = access_list(65533)
    wanted["pki/etcd/server.crt", "user.note"] = b"managed"
    for (path, name), value in wanted.items():
        try:
            os.setxattr(os.path.join(place.root, path), name, value)
        except OSError:
            # tmpfs takes the user's own since Linux 6.6.
            wanted[path, name] = None
    place.renew()
    for (path, name), value in wanted.items():
        place.expect(
            value is None or os.getxattr(os.path.join(place.root, path), name) == value, f"{path} has lost {name}")
    # The list of the directory is not for files that had none.
    directory = os.path.join(place.root, "pki")
    os.setxattr(directory, "system.posix_acl_default", access_list(65533))
    place.renew()
    key = os.path.join(directory, "front-proxy-client.key")
    place.expect("system.posix_acl_access" not in os.listxattr(key), "a key has got the list of its directory")
    place.wrong += tree.pairs(tree.targets(place.root)) + tree.leftovers(place.root)


def irreplaceable(place):
    """A file that cannot be replaced is named, and stays with its pair; everything else is renewed."""
    place.init()
    place.renew()
    pair = ("pki/etcd/peer.key", "pki/etcd/peer.crt")

    def expect_rest_renewed(before):
        after = tree.targets(place.root)
        kept = {path for path in after if after[path] == before[path] and not path.endswith(("ca.crt", "ca.key", "sa.pub", "sa.key"))}
        place.expect(kept == set(pair), f"these are old: {kept}")
        place.check()

    key = os.path.join(place.root, "pki/etcd/peer.key")
    for attribute, letter in (("immutable", "i"), ("append-only", "a")):
        if subprocess.run(["chattr", f"+{letter}", key], capture_output=True).returncode:
            continue
        before = tree.targets(place.root)
        place.renew(status=1, says=f"{key} cannot be replaced: it is {attribute}")
        expect_rest_renewed(before)
        subprocess.run(["chattr", f"-{letter}", key], check=True)
    other = shutil.copy(key, os.path.join(place.directory, "other.key"))
    mount("--bind", other, key)
    before = tree.targets(place.root)
    place.renew(status=1, says=f"{key} cannot be replaced: something is mounted on it")
    expect_rest_renewed(before)
    # A backup is put back as a whole, or not at all.
    backup = os.path.join(place.root, "pki", tree.BACKUP)
    first = os.path.join(backup, sorted(os.listdir(backup))[0])
    before = tree.files(place.root)
    place.run("renew", "--restore", first, "-d", place.root, status=74, says=f"{key} cannot be replaced")
    place.expect(tree.files(place.root) == before, "something changed, or was left")
    place.run("renew", "apiserver", "--reuse-key", "-d", place.root)
    subprocess.run(["umount", key], check=True)
    place.renew()
    place.check()


def half_done(place):
    """A move that fails when others are done leaves a run that says so, stops no other, and is finished."""
    place.init()
    old = tree.targets(place.root)
    key = os.path.join(place.root, "pki/front-proxy-client.key")
    staged = os.path.join(place.root, f"pki/.front-proxy-client.key{tree.STAGED}")
    under = [STRACE, "-f", "-qq", "-o", "/dev/null", "-P", staged, "-e", "inject=rename:error=EPERM"]
    ended = place.renew(under=under, status=77, says="half of the run is done: ")
    place.expect(f"{key}: Operation not permitted" in ended.stderr, f"it does not name the file: {ended.stderr}")
    new = tree.targets(place.root)
    left = {path for path in old if old[path] == new[path] and not path.endswith(("ca.crt", "ca.key", "sa.pub", "sa.key"))}
    place.expect(left == {"pki/front-proxy-client.crt", "pki/front-proxy-client.key"}, f"these are old: {left}")
    # Readers see what is in place, and say that this is not all.
    place.run("check-expiration", "-q", "-d", place.root, status=1, says="a run of pkigen is half done: ")
    place.run("inspect", "-q", key, status=1, says="a run of pkigen is half done: ")
    place.run("inspect", "-q", os.path.join(place.root, "pki/apiserver.key"))
    # What does not need the file works meanwhile, and says what is not done.
    place.run("renew", "apiserver", "-d", place.root, under=under, says="what a run that died was to put in place is not: ")
    place.run("renew", "front-proxy-client", "-d", place.root, under=under, status=77, says="Operation not permitted")
    place.expect(tree.targets(place.root)["pki/apiserver.key"] != new["pki/apiserver.key"], "nothing was renewed")
    place.init()
    path = "pki/front-proxy-client.key"
    place.expect(tree.targets(place.root)[path] != old[path], "the run was not finished")
    place.check()


def no_proc(place):
    """Arguments arrive where /proc is not mounted, and a program without any is an error."""
    place.init()
    before = tree.targets(place.root)
    mount("-t", "tmpfs", "tmpfs", "/proc")
    place.run("renew", "apiserver", "-d", place.root)
    place.expect(tree.targets(place.root)["pki/apiserver.key"] != before["pki/apiserver.key"], "nothing was renewed")
    # Of an empty list of arguments, Linux makes one with an empty name.
    ended = subprocess.run(["bash", "-c", 'exec -a "" "$0"', place.pkigen], text=True, capture_output=True)
    place.expect(
        ended.returncode == 64 and "without arguments" in ended.stderr, f"without arguments: {ended.returncode} {ended.stderr}")
    place.check()


def few_means(place):
    """Without threads, and with few descriptors, all goes on one after the other."""
    no_threads = [STRACE, "-f", "-qq", "-o", "/dev/null", "-e", "inject=clone,clone3:error=EAGAIN"]
    few_files = ["sh", "-c", 'ulimit -n 20; exec "$@"', "sh"]
    for under in (no_threads, few_files):
        shutil.rmtree(place.root, ignore_errors=True)
        place.run("init", *CLUSTER, "--jobs", "8", "-d", place.root, under=under)
        for command in (["renew", "all", "--jobs", "8"], ["verify", "-q"], ["check-expiration", "-q"]):
            place.run(*command, "-d", place.root, under=under)
        place.check()
    log = os.path.join(place.directory, "log")
    place.renew("-q", under=[STRACE, "-f", "-qq", "-o", log, "-e", "trace=clone,clone3,vfork,fork"])
    with open(log, encoding="utf-8") as calls:
        place.expect("clone" not in calls.read(), "--jobs 1 makes a thread")
    requests = os.path.join(place.directory, "requests")
    place.run("csr", "create", "--common-name", "jane", "--usage", "client", "--out", os.path.join(place.directory, "jane"))
    os.mkdir(requests)
    names = [os.path.join(requests, f"{number}.csr") for number in range(60)]
    for name in names:
        shutil.copy(os.path.join(place.directory, "jane.csr"), name)
    place.run(
        "csr", "sign", *names, "-d", place.root, "--signer-name", "example.com/x", "--allow-cn", "*", "--usage", "client",
        "--out", os.path.join(place.directory, "signed"), "-q", under=few_files)
    place.expect(len(os.listdir(os.path.join(place.directory, "signed"))) == len(names), "not all are signed")


CASES = [full_disk, read_only, two_file_systems, no_flags, links, no_entry, odd_names, attributes, irreplaceable,
         half_done, no_proc, few_means]


def main():
    if len(sys.argv) > 2:
        case = next(case for case in CASES if case.__name__ == sys.argv[2])
        place = Place(sys.argv[1])
        case(place)
        for sentence in place.wrong:
            print(f"  {sentence}")
        sys.exit(1 if place.wrong else 0)
    failed = 0
    for case in CASES:
        namespace = ["unshare", "-m"] if os.geteuid() == 0 else ["unshare", "-rm"]
        ended = subprocess.run([*namespace, sys.executable, __file__, sys.argv[1], case.__name__])
        print(f"{case.__name__.replace('_', ' ')}: {'wrong' if ended.returncode else 'as it should be'}", flush=True)
        failed += ended.returncode != 0
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
