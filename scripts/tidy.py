#!/usr/bin/env python3
"""Checks the rules of the house that a program can see.

    scripts/tidy.py [ROOT]

Prints one line per finding, `file:line: what`, and exits with 1 when there is
one. ROOT is the repository by default. Needs nothing but Python itself.
"""

import os
import re
import subprocess
import sys

# -- the rules, as data -------------------------------------------------------

# What each place may include besides itself. The list points down; a place
# that is missing in the tree is not looked for.
BELOW_CLUSTER = ("persistence", "actors/runtime", "protocol")
BELOW_MESSAGING = ("plugins", "cluster", "actors/net") + BELOW_CLUSTER
PLACES = {
    "protocol": (),
    "persistence": ("protocol",),
    "actors/runtime": ("protocol",),
    "cluster": BELOW_CLUSTER,
    "plugins": ("cluster",) + BELOW_CLUSTER,
    "actors/net": ("actors/runtime", "protocol"),
    "actors/messaging": BELOW_MESSAGING,
    "actors/admin": ("actors/messaging",) + BELOW_MESSAGING,
    "actors/node": ("actors/admin", "actors/messaging") + BELOW_MESSAGING,
    "test": ("actors/node", "actors/admin", "actors/messaging")
            + BELOW_MESSAGING,
}

# Folders of headers that are not the system's, and where they stay out.
FOREIGN = {
    "caf/": ("protocol", "persistence"),
    "boost/asio": ("protocol", "persistence"),
    "boost/": ("protocol",),
    "spdlog/": ("protocol", "persistence"),
    "yaml-cpp/": ("protocol", "persistence", "cluster", "actors/runtime",
                  "actors/net", "actors/messaging"),
}
# The one header of protocol/ that names CAF; nothing in protocol/ includes it.
TYPE_IDS = "protocol/type_ids.hpp"

TOP_LEVEL = {
    "actors", "cluster", "etc", "persistence", "plugins", "protocol",
    "scripts", "test", "README.md", "CMakeLists.txt", "CMakePresets.json",
    "LICENSE",
}
# Made by building and running; never part of the tree.
SKIPPED = {"build", ".git", ".cache", "node_modules", "__pycache__", "data",
           "log"}

HEADER_LINES = 300
SOURCE_LINES = 500
FUNCTION_LINES = 60
BEHAVIOR_LINES = 40
COLUMNS = 80

BANNED_NAMES = {"manager", "helper", "helpers", "util", "utils", "data",
                "info", "process", "misc", "part2"}

# Spelt in parts, so that this file does not find itself.
UNFINISHED = re.compile(r"\b(TO" r"DO|FIX" r"ME|XX" r"X|HA" r"CK)\b(\(\w+\))?")
FORBIDDEN = re.compile(
    r"(?<![\w.~-])/(ro" r"ot|home|wo" r"rk)/"
    r"|\b(generated|written) by an? \w*\s?(model|assistant|bot)\b"
    r"|\blanguage mo" r"del\b|\bco-auth" r"ored-by\b", re.IGNORECASE)

CPP = (".hpp", ".cpp")
WRAPPED = CPP + (".py", ".cmake", ".yaml", ".js")
TEXT = WRAPPED + (".md", ".txt", ".json", ".service")
# Where files without a suffix are text; elsewhere they may be a fuzz corpus.
SUFFIXLESS = ("", "scripts", ".ci")

INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]')
TYPE_NAME = re.compile(
    r"^\s*(?:class|struct|union|enum(?:\s+class)?)\s+(\w+)\b(?!\s*;)")


# -- the tree -----------------------------------------------------------------

class Source:
    """A text file with its lines; `path` is relative to the root."""

    def __init__(self, root, path):
        self.path = path
        self.name = os.path.basename(path)
        self.stem, self.suffix = os.path.splitext(self.name)
        if self.name.startswith("."):
            self.stem, self.suffix = self.name, ""
        self.full = os.path.join(root, path)
        with open(self.full, encoding="utf-8", errors="replace") as text:
            self.text = text.read()
        self.lines = self.text.split("\n")
        if self.lines[-1] == "":
            self.lines.pop()
        self.place = next((place for place in PLACES
                           if path.startswith(place + "/")), None)

    def is_cpp(self):
        return self.suffix in CPP

    def includes(self):
        """(line number, quoted or not, path) of each include."""
        for number, line in enumerate(self.lines, 1):
            match = INCLUDE.match(line)
            if match:
                yield number, match[1] == '"', match[2]


class Tree:
    def __init__(self, root):
        self.root = root
        self.findings = []
        self.files = {path: Source(root, path) for path in self._walk()}

    def _walk(self):
        for folder, folders, names in os.walk(self.root):
            folders[:] = sorted(set(folders) - SKIPPED)
            for name in sorted(names):
                path = os.path.relpath(os.path.join(folder, name), self.root)
                suffix = os.path.splitext(name)[1]
                if suffix in TEXT or (not suffix and os.path.dirname(path)
                                      in SUFFIXLESS):
                    yield path

    def cpp(self):
        return (file for file in self.files.values() if file.is_cpp())

    def say(self, path, line, what):
        self.findings.append((path, line, what))


# -- C++ without a compiler ---------------------------------------------------

LITERAL_OR_COMMENT = re.compile(
    r"""//[^\n]*|/\*.*?\*/"""
    r'''|R"(?P<mark>[^\s()\\]*)\(.*?\)(?P=mark)"'''
    r'''|"(?:\\.|[^"\\\n])*"'''
    r"""|(?<![0-9a-fA-F])'(?:\\.|[^'\\\n])+'""", re.DOTALL)
DIRECTIVE = re.compile(r"^[ \t]*#(?:[^\n\\]|\\.|\\\n)*", re.MULTILINE)


def blank(match):
    """Keeps the lines, and a literal as an empty one."""
    text = match[0]
    rest = "\n" * text.count("\n")
    return rest if text.startswith("/") or "#" in text[:1] else '""' + rest


def code_of(text):
    return DIRECTIVE.sub(lambda m: "\n" * m[0].count("\n"),
                         LITERAL_OR_COMMENT.sub(blank, text))


def outside_parentheses(head):
    depth, out = 0, []
    for char in head:
        depth += (char == "(") - (char == ")")
        if depth == 0:
            out.append(char)
    return "".join(out)


def opens_function(head):
    """Whether the text in front of a `{` at namespace or class level is that
    of a function (or of a member initializer, which is short)."""
    outside = outside_parentheses(head)
    if "(" not in head or re.search(r"(?<!operator)(?<![=!<>])=(?!=)",
                                    outside):
        return False
    return not re.search(r"\b(namespace|class|struct|union|enum)\b",
                         re.sub(r"<[^<>]*>", "", outside))


def functions(text):
    """(first line, last line, name) of each function body."""
    head, line = "", 1
    stack = []  # per open brace: None, or where a function's body began
    code = code_of(text)
    for at, char in enumerate(code):
        line += char == "\n"
        if char == "{":
            inside = any(entry is not None for entry in stack)
            starts = not inside and opens_function(head)
            names = re.findall(r"([\w~]+)\s*\(", head)
            stack.append((line, (names or ["operator"])[0], head)
                         if starts else None)
            head = ""
        elif char == "}":
            entry = stack.pop() if stack else None
            head = ""
            if entry is None:
                continue
            if re.match(r"\s*[,{]", code[at + 1:at + 200]):
                head = entry[2]  # that was a member initializer: `x_{1}`
            else:
                yield entry[0], line, entry[1]
        elif char == ";" and outside_parentheses(head + ";").endswith(";"):
            head = ""
        else:
            head += char


# -- the checks ---------------------------------------------------------------

def check_top_level(tree):
    for name in sorted(os.listdir(tree.root)):
        if not name.startswith(".") and name not in TOP_LEVEL | SKIPPED:
            tree.say(name, 1, "has no place at the top level")


def check_readmes(tree):
    for place in PLACES:
        holds_sources = any(file.place == place for file in tree.cpp())
        if holds_sources and f"{place}/README.md" not in tree.files:
            tree.say(f"{place}/README.md", 1, "is missing")


def check_include_edges(tree):
    for file in tree.cpp():
        if file.place is None:
            tree.say(file.path, 1, "stands in no place of the design")
            continue
        for line, quoted, path in file.includes():
            if quoted:
                check_own_include(tree, file, line, path)
            else:
                check_foreign_include(tree, file, line, path)


def check_own_include(tree, file, line, path):
    if path not in tree.files:
        tree.say(file.path, line, f'"{path}" is no header from the root')
        return
    target = tree.files[path].place
    if target != file.place and target not in PLACES[file.place]:
        tree.say(file.path, line, f"{file.place} may not include {path}")
    if path == TYPE_IDS and file.place == "protocol":
        tree.say(file.path, line, f"nothing in protocol/ includes {path}")


def check_foreign_include(tree, file, line, path):
    if path == "caf/all.hpp":
        tree.say(file.path, line, "caf/all.hpp: include what is used")
    for prefix, closed in FOREIGN.items():
        if path.startswith(prefix) and file.place in closed:
            if file.path != TYPE_IDS or prefix != "caf/":
                tree.say(file.path, line,
                         f"{file.place} may not include <{path}>")
            return


def check_own_header_first(tree):
    for file in tree.cpp():
        own = file.path[:-len(".cpp")] + ".hpp"
        if file.suffix != ".cpp" or own not in tree.files:
            continue
        first = next(file.includes(), (1, True, ""))
        if first[2] != own:
            tree.say(file.path, first[0], f"must include its own {own} first")


def check_cycles(tree):
    """Headers that include each other, however far around."""
    edges = {file.path: [(line, path) for line, quoted, path in file.includes()
                         if quoted and path in tree.files]
             for file in tree.cpp() if file.suffix == ".hpp"}
    done, active = set(), []

    def visit(path):
        active.append(path)
        for line, target in edges.get(path, ()):
            if target in active:
                tree.say(path, line, f"includes {target}, which leads back")
            elif target not in done:
                visit(target)
        done.add(active.pop())

    for path in sorted(edges):
        if path not in done:
            visit(path)


def check_headers(tree):
    for file in tree.cpp():
        if file.suffix != ".hpp":
            continue
        if not file.lines or file.lines[0] != "#pragma once":
            tree.say(file.path, 1, "must begin with #pragma once")
        for number, line in enumerate(file.lines, 1):
            if re.match(r"\s*using\s+namespace\b", line):
                tree.say(file.path, number, "using namespace in a header")


def check_sizes(tree):
    for file in tree.cpp():
        limit = HEADER_LINES if file.suffix == ".hpp" else SOURCE_LINES
        if len(file.lines) > limit:
            tree.say(file.path, limit, f"{len(file.lines)} lines of at most "
                                       f"{limit}")
        for first, last, name in functions(file.text):
            longest = (BEHAVIOR_LINES if name == "make_behavior"
                       else FUNCTION_LINES)
            if last - first + 1 > longest:
                tree.say(file.path, first, f"{name} has {last - first + 1} "
                                           f"lines of at most {longest}")


def check_columns(tree):
    for file in tree.files.values():
        script = file.suffix == "" and file.text.startswith("#!")
        if file.suffix not in WRAPPED and not script:
            continue
        for number, line in enumerate(file.lines, 1):
            if len(line) > COLUMNS and "://" not in line:
                tree.say(file.path, number, f"{len(line)} columns of at most "
                                            f"{COLUMNS}")
            if line != line.rstrip() or "\t" in line:
                tree.say(file.path, number, "blanks at the end, or a tab")


def check_names(tree):
    for file in tree.files.values():
        words = file.stem.split("_")
        if BANNED_NAMES.intersection(words):
            tree.say(file.path, 1, "this name says nothing")
        if file.is_cpp():
            for number, line in enumerate(file.lines, 1):
                match = TYPE_NAME.match(line)
                if match and match[1].split("_")[-1] in BANNED_NAMES:
                    tree.say(file.path, number, f"{match[1]} says nothing")


def contract_of(tree, file):
    """The header that a source implements: its own, else its first one."""
    own = file.path[:-len(".cpp")] + ".hpp"
    if own in tree.files:
        return own
    return next((path for _, quoted, path in file.includes() if quoted), None)


def named_by_tests(tree):
    """Stems of test files, and the headers that they include."""
    named = set()
    for path, file in tree.files.items():
        if path.startswith("test/") and file.stem.endswith("_test"):
            named.add(file.stem)
            named.update(target for _, quoted, target in file.includes()
                         if quoted)
    return named


def check_a_test_per_unit(tree):
    """A unit is a header with all that implements it. It is tested when a test
    is named after it or includes its header; a private one (no other folder
    includes it) also as part of a tested unit of its folder."""
    named = named_by_tests(tree)
    units = {}     # header → folder of its unit
    includers = {}  # header → units outside test/ that include it
    tested = set()
    for file in tree.cpp():
        if file.place in (None, "test") or file.name == "main.cpp":
            continue
        unit = file.path if file.suffix == ".hpp" else contract_of(tree, file)
        if unit in named or file.stem + "_test" in named:
            tested.add(unit)
        if file.suffix == ".cpp":
            units.setdefault(unit, file.path)
        for _, quoted, target in file.includes():
            if quoted and target != unit:
                includers.setdefault(target, set()).add(unit or file.path)
    grown = True
    while grown:
        grown = False
        for unit in units.keys() - tested:
            users = includers.get(unit, set())
            if unit and users & tested and all(
                    os.path.dirname(user) == os.path.dirname(unit)
                    for user in users):
                tested.add(unit)
                grown = True
    for unit in units.keys() - tested:
        tree.say(units[unit], 1, f"has no test: none includes {unit} or is "
                                 "named after it")


def check_words(tree):
    for file in tree.files.values():
        for number, line in enumerate(file.lines, 1):
            match = UNFINISHED.search(line)
            if match and (not match[2] or not match[1].startswith("TO")):
                tree.say(file.path, number, f"{match[1]} without an owner")
            match = FORBIDDEN.search(line)
            if match:
                tree.say(file.path, number, f"'{match[0]}' has no business "
                                            "here")
            if file.is_cpp() and re.match(r"\s*//\s*TEST_CASE", line):
                tree.say(file.path, number, "a test is commented out")


def check_scripts(tree):
    for file in tree.files.values():
        first = file.lines[0] if file.lines else ""
        if not first.startswith("#!"):
            continue
        if not os.access(file.full, os.X_OK):
            tree.say(file.path, 1, "is a script that cannot be executed")
        if first.endswith("bash"):
            check = subprocess.run(["bash", "-n", file.full], text=True,
                                   stderr=subprocess.PIPE, check=False)
            for line in check.stderr.splitlines():
                number = re.search(r"line (\d+)", line)
                tree.say(file.path, int(number[1]) if number else 1,
                         line.split(": ", 2)[-1])


CHECKS = (
    check_top_level, check_readmes, check_include_edges,
    check_own_header_first, check_cycles, check_headers, check_sizes,
    check_columns, check_names, check_a_test_per_unit, check_words,
    check_scripts,
)


def main(arguments):
    here = os.path.dirname(os.path.abspath(__file__))
    root = arguments[0] if arguments else os.path.dirname(here)
    tree = Tree(root)
    for check in CHECKS:
        check(tree)
    for path, line, what in sorted(set(tree.findings)):
        print(f"{path}:{line}: {what}")
    print(f"tidy: {len(tree.files)} files, {len(set(tree.findings))} findings")
    return 1 if tree.findings else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
