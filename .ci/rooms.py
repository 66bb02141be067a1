#!/usr/bin/env python3
"""Checks the walls between the targets, and between the folders of each: rooms.py [TARGET...]

A target imports only those of our targets that Package.swift names as its dependencies, and imports all of these. Inside a
target, no folders use each other's types, not even in a circle of three. Prints what breaks these rules, and ends with
status 1 then. Without names, it checks all targets.
"""
import pathlib
import re
import sys

DECLARATION = re.compile(
    r"^(?:(?:public|package|internal|final|indirect) )*(?:struct|class|enum|protocol|actor|typealias) ([A-Z]\w*)", re.M)
IMPORT = re.compile(r"^(?:@testable |public |package |internal )?import (\w+)", re.M)
# A target's part of Package.swift, up to the next one.
TARGET = re.compile(r"\.(?:systemLibrary|target|executableTarget|testTarget)\(\s*name: \"([\w-]+)\"")
# What has nothing to import: it is there for the linker.
LINKED = {"CStandIns"}
# Targets whose folders still form circles.
CIRCULAR: set[str] = set()
EXECUTABLE = re.compile(r"\.executableTarget\(\s*name: \"([\w-]+)\"")


def code(text):
    """The text without comments and strings, but with what is interpolated into them."""
    text = re.sub(r"//.*", "", text)
    text = re.sub(r'"""(?:.|\n)*?"""', lambda match: " ".join(re.findall(r"\\\((.*?)\)", match.group())), text)
    return re.sub(r'"(?:[^"\\\n]|\\.)*"', lambda match: " ".join(re.findall(r"\\\((.*?)\)", match.group())), text)


def circle(uses):
    """Some members that use each other in a circle, in that order; none where there is no circle."""
    done = set()

    def walk(path):
        for used in sorted(uses.get(path[-1], ())):
            if used in path:
                return path[path.index(used):]
            if used not in done and (found := walk([*path, used])):
                return found
        done.add(path[-1])
        return []

    return next((found for start in sorted(uses) if (found := walk([start]))), [])


def directory(target):
    """Where the sources of a target are."""
    return pathlib.Path("Sources" if pathlib.Path("Sources", target).is_dir() else "Tests", target)


def folder_uses(target):
    """Which folder of a target uses which, with the types that it uses."""
    root = directory(target)
    files = [(path.relative_to(root).parts[0], code(path.read_text())) for path in root.glob("*/**/*.swift")]
    owner = {name: folder for folder, text in files for name in DECLARATION.findall(text)}
    uses = {}
    for folder, text in files:
        for name in set(re.findall(r"\b[A-Z]\w*", text)):
            if owner.get(name, folder) != folder:
                uses.setdefault(folder, {}).setdefault(owner[name], set()).add(name)
    return uses


def dependencies():
    """What Package.swift lets each target import, of our own targets."""
    parts = TARGET.split(pathlib.Path("Package.swift").read_text())
    declared = {}
    for name, part in zip(parts[1::2], parts[2::2]):
        match = re.search(r"dependencies: \[(.*?)\]", re.sub(r"\.product\(.*?\)", "", part), re.S)
        declared[name] = set(re.findall(r'"(\w+)"', match.group(1))) if match else set()
    return {name: used & declared.keys() for name, used in declared.items()}


def main():
    declared = dependencies()
    # Tests may run a program without importing anything of it.
    executables = set(EXECUTABLE.findall(pathlib.Path("Package.swift").read_text()))
    names = sys.argv[1:] or sorted(name for name in declared if directory(name).is_dir())
    complaints = []
    for target in names:
        sources = list(directory(target).rglob("*.swift"))
        imported = {name for path in sources for name in IMPORT.findall(path.read_text())} & declared.keys()
        allowed = declared.get(target, set())
        complaints += [f"{target} imports {name}, which is none of its dependencies" for name in sorted(imported - allowed)]
        complaints += [f"{target} does not import {name}, one of its dependencies" for name in sorted(allowed - imported - executables - LINKED)]
        uses = folder_uses(target)
        if target not in CIRCULAR and (found := circle(uses)):
            steps = zip(found, found[1:] + found[:1])
            arrows = "; ".join(f"{user} uses {used} ({', '.join(sorted(uses[user][used])[:3])})" for user, used in steps)
            complaints.append(f"the folders of {target} form a circle: {arrows}")
    for complaint in complaints:
        print(f"  {complaint}")
    sys.exit(1 if complaints else 0)


main()
