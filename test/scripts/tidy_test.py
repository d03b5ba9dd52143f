#!/usr/bin/env python3
"""scripts/tidy.py on small trees made for it: each rule finds what breaks it,
and a tree that keeps them all is left alone."""

import os
import subprocess
import sys
import tempfile
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))
TIDY = os.path.join(HERE, "..", "..", "scripts", "tidy.py")

HEADER = "#pragma once\n"
TREE = {
    "README.md": "# A tree\n",
    "protocol/README.md": "The rules.\n",
    "protocol/topic.hpp": HEADER + "int levels(const char* topic);\n",
    "protocol/topic.cpp": '#include "protocol/topic.hpp"\n\n'
                          "int levels(const char*) {\n  return 1;\n}\n",
    "actors/net/README.md": "Sockets.\n",
    "actors/net/socket.hpp": HEADER + '#include "protocol/topic.hpp"\n'
                                      "#include <caf/actor.hpp>\n",
    "test/README.md": "Tests.\n",
    "test/protocol/topic_test.cpp": '#include "protocol/topic.hpp"\n',
    "scripts/run": "#!/usr/bin/env bash\necho run\n",
}


def function(name, lines):
    return f"void {name}() {{\n" + "  step();\n" * (lines - 2) + "}\n"


class TidyTest(unittest.TestCase):
    def tidy(self, changes=None):
        """Findings in TREE with `changes`, by "file:line"."""
        with tempfile.TemporaryDirectory() as root:
            for path, text in {**TREE, **(changes or {})}.items():
                full = os.path.join(root, path)
                os.makedirs(os.path.dirname(full), exist_ok=True)
                with open(full, "w", encoding="utf-8") as out:
                    out.write(text)
                if text.startswith("#!"):
                    os.chmod(full, 0o755)
            done = subprocess.run([sys.executable, TIDY, root], text=True,
                                  stdout=subprocess.PIPE, check=False)
        lines = done.stdout.splitlines()[:-1]
        self.assertEqual(done.returncode, 1 if lines else 0, done.stdout)
        return dict(line.split(": ", 1) for line in lines)

    def found(self, changes, at, words):
        findings = self.tidy(changes)
        self.assertIn(at, findings)
        self.assertIn(words, findings[at])
        return findings

    def test_a_tree_that_keeps_the_rules_has_no_findings(self):
        self.assertEqual(self.tidy(), {})

    # -- includes -------------------------------------------------------------

    def test_includes_point_down(self):
        self.found({"protocol/up.hpp": HEADER
                    + '#include "actors/net/socket.hpp"\n'},
                   "protocol/up.hpp:2", "may not include")

    def test_nothing_includes_test(self):
        self.found({"test/support/fake.hpp": HEADER,
                    "actors/net/b.hpp": HEADER
                    + '#include "test/support/fake.hpp"\n'},
                   "actors/net/b.hpp:2", "may not include")

    def test_caf_and_asio_stay_out_of_protocol_and_persistence(self):
        for path in ("protocol/a.hpp", "persistence/a.hpp"):
            for header in ("caf/actor.hpp", "boost/asio/io_context.hpp"):
                self.found({path: HEADER + f"#include <{header}>\n",
                            "persistence/README.md": "Stores.\n"},
                           f"{path}:2", "may not include")

    def test_the_type_ids_of_protocol_may_name_caf(self):
        self.assertEqual(
            self.tidy({"protocol/type_ids.hpp": HEADER
                       + "#include <caf/type_id.hpp>\n"}), {})

    def test_caf_all_is_refused_everywhere(self):
        self.found({"actors/net/a.hpp": HEADER + "#include <caf/all.hpp>\n"},
                   "actors/net/a.hpp:2", "caf/all.hpp")

    def test_includes_are_written_from_the_root(self):
        self.found({"protocol/a.hpp": HEADER + '#include "topic.hpp"\n'},
                   "protocol/a.hpp:2", "no header from the root")

    def test_a_source_includes_its_own_header_first(self):
        self.found({"protocol/topic.cpp": "#include <string>\n"
                    '#include "protocol/topic.hpp"\n'},
                   "protocol/topic.cpp:1", "own protocol/topic.hpp first")

    def test_headers_do_not_include_each_other(self):
        findings = self.tidy({
            "protocol/a.hpp": HEADER + '#include "protocol/b.hpp"\n',
            "protocol/b.hpp": HEADER + '#include "protocol/a.hpp"\n'})
        self.assertEqual(list(findings), ["protocol/b.hpp:2"])

    # -- sizes ----------------------------------------------------------------

    def test_headers_and_sources_have_limits(self):
        long = "int x;\n"
        self.found({"protocol/topic.hpp": HEADER + long * 300},
                   "protocol/topic.hpp:300", "301 lines")
        self.found({"protocol/topic.cpp": TREE["protocol/topic.cpp"]
                    + long * 500}, "protocol/topic.cpp:500", "505 lines")

    def test_functions_have_limits(self):
        own = '#include "protocol/topic.hpp"\n'
        self.assertEqual(
            self.tidy({"protocol/topic.cpp": own + function("f", 60)}), {})
        self.found({"protocol/topic.cpp": own + function("f", 61)},
                   "protocol/topic.cpp:2", "f has 61 lines")
        self.found({"protocol/topic.cpp": own + function("make_behavior", 41)},
                   "protocol/topic.cpp:2", "make_behavior has 41 lines")

    def test_tables_classes_and_literals_are_no_functions(self):
        row = '  {"a }{ b", \'{\', 1\'000}, // }\n'
        text = ('#include "protocol/topic.hpp"\n'
                "namespace a {\nclass b : c<int (int)> {\n"
                + "  int x_{1};\n" * 70 + "};\n"
                "constexpr auto t = make<row>({\n" + row * 70 + "});\n"
                'const char* raw = R"(' + "{(\n" * 70 + ')";\n}\n')
        self.assertEqual(self.tidy({"protocol/topic.cpp": text}), {})

    def test_a_method_with_initializers_is_measured(self):
        text = ('#include "protocol/topic.hpp"\nnamespace a {\n'
                "b::b(int x) : x_(x), y_{1} {\n" + "  step();\n" * 70
                + "}\n}\n")
        findings = self.tidy({"protocol/topic.cpp": text})
        self.assertEqual(len(findings), 1)

    def test_lines_have_80_columns(self):
        self.found({"protocol/topic.hpp": HEADER + "// " + "…" * 78 + "\n"},
                   "protocol/topic.hpp:2", "81 columns")
        self.assertEqual(
            self.tidy({"protocol/topic.hpp": HEADER + "// " + "…" * 77
                       + "\n"}), {})

    # -- names and words ------------------------------------------------------

    def test_headers_begin_with_pragma_once(self):
        self.found({"protocol/topic.hpp": "int x;\n"}, "protocol/topic.hpp:1",
                   "#pragma once")

    def test_headers_open_no_namespace(self):
        self.found({"protocol/topic.hpp": HEADER + "using namespace std;\n"},
                   "protocol/topic.hpp:2", "using namespace")

    def test_names_that_say_nothing_are_refused(self):
        self.found({"protocol/string_" "util.hpp": HEADER},
                   "protocol/string_" "util.hpp:1", "says nothing")
        self.found({"protocol/a.hpp": HEADER + "class queue_" "manager {};\n"},
                   "protocol/a.hpp:2", "says nothing")

    def test_unfinished_work_has_an_owner(self):
        self.found({"README.md": "TO" "DO: write\n"}, "README.md:1",
                   "without an owner")
        self.found({"README.md": "FIX" "ME(me): write\n"}, "README.md:1",
                   "without an owner")
        self.assertEqual(self.tidy({"README.md": "TO" "DO(me): write\n"}), {})

    def test_paths_of_one_machine_are_refused(self):
        self.found({"README.md": "see /ro" "ot/x\n"}, "README.md:1",
                   "no business here")
        self.assertEqual(self.tidy({"README.md": "see a/ro" "ot/x\n"}), {})

    def test_a_test_is_not_commented_out(self):
        self.found({"test/protocol/topic_test.cpp":
                    '#include "protocol/topic.hpp"\n// TEST_CASE("x") {\n'},
                   "test/protocol/topic_test.cpp:2", "commented out")

    # -- the house ------------------------------------------------------------

    def test_every_unit_has_a_test(self):
        self.found({"protocol/codec.hpp": HEADER, "protocol/codec.cpp":
                    '#include "protocol/codec.hpp"\n'},
                   "protocol/codec.cpp:1", "has no test")

    def test_a_private_part_is_tested_with_its_unit(self):
        changes = {
            "protocol/part.hpp": HEADER,
            "protocol/part.cpp": '#include "protocol/part.hpp"\n',
            "protocol/topic.cpp": '#include "protocol/topic.hpp"\n'
                                  '#include "protocol/part.hpp"\n'}
        self.assertEqual(self.tidy(changes), {})
        changes["actors/net/socket.hpp"] = \
            HEADER + '#include "protocol/part.hpp"\n'
        self.found(changes, "protocol/part.cpp:1", "has no test")

    def test_every_place_has_a_readme(self):
        self.found({"cluster/a.hpp": HEADER}, "cluster/README.md:1", "missing")

    def test_nothing_unexpected_stands_at_the_top(self):
        self.found({"notes/a.md": "x\n"}, "notes:1", "no place")
        self.assertEqual(self.tidy({"build/a.txt": "x\n", ".ci/x.md": "x\n"}),
                         {})

    def test_sources_stand_in_a_place(self):
        self.found({"actors/other/a.hpp": HEADER}, "actors/other/a.hpp:1",
                   "no place of the design")

    def test_shell_scripts_can_be_read_and_executed(self):
        self.found({"scripts/run": "#!/usr/bin/env bash\nif\n"},
                   "scripts/run:3", "syntax error")


if __name__ == "__main__":
    unittest.main()
