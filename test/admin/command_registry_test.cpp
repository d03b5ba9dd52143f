#include "actors/admin/command_registry.hpp"

#include <doctest/doctest.h>

#include <stdexcept>
#include <string>
#include <vector>

namespace command_registry_test {

using namespace hetzel::admin;

namespace {

using words = std::vector<std::string>;

/// A registry with some rows, and what they answer.
struct desk {
  desk() {
    registry.add({.name = "listener",
                  .summary = "Lists them.",
                  .run = [](const request&, const reply& to) {
                    to.done({"all"});
                  }});
    registry.add({.name = "listener stop",
                  .arguments = "NAME [AFTER]",
                  .summary = "Stops one.",
                  .details = {"More of it."},
                  .arguments_min = 1,
                  .arguments_max = 2,
                  .run = [](const request& what, const reply& to) {
                    to.done({"stopped " + what.arguments[0]});
                  }});
    registry.add({.name = "broken",
                  .summary = "Throws.",
                  .run = [](const request&, const reply&) {
                    throw std::runtime_error{"it broke"};
                  }});
    registry.add({.name = "where",
                  .arguments = "PATH",
                  .summary = "Says which path is meant.",
                  .arguments_max = 1,
                  .run = [](const request& what, const reply& to) {
                    const auto path = what.path(what.arguments[0]);
                    path ? to.done({path->string()})
                         : to.reject("relative to what?");
                  }});
  }

  /// The lines of the answer, and its sentence.
  words ask(words asked) {
    words heard;
    {
      const reply to{[&](answer_part part) {
        heard.insert(heard.end(), part.lines.begin(), part.lines.end());
        if (part.end && part.end->how != outcome::ok)
          heard.push_back(std::string{to_string(part.end->how)} + ": "
                          + part.end->sentence);
      }};
      run(understand(registry, std::move(asked)), to);
    }
    return heard;
  }

  command_registry registry;
};

} // namespace

TEST_CASE("the longest name that a request begins with is meant") {
  desk here;
  CHECK(here.ask({"listener"}) == words{"all"});
  CHECK(here.ask({"listener", "stop", "tcp"}) == words{"stopped tcp"});
}

TEST_CASE("a request that fits no command, or has the wrong number of words, "
          "is answered with what would be right") {
  desk here;
  CHECK(here.ask({}) == words{"usage: no command; see help"});
  CHECK(here.ask({"nonsense"})
        == words{"usage: no command nonsense; see help"});
  CHECK(here.ask({"listener", "stop"})
        == words{"usage: use: listener stop NAME [AFTER]"});
  CHECK(here.ask({"listener", "stop", "a", "b", "c"})
        == words{"usage: use: listener stop NAME [AFTER]"});
}

TEST_CASE("a command that throws has failed, with its reason") {
  desk here;
  CHECK(here.ask({"broken"}) == words{"failed: it broke"});
}

TEST_CASE("help lists every command, and tells about one") {
  desk here;
  const auto all = here.ask({"help"});
  CHECK(all.size() == here.registry.rows().size());
  CHECK(all[2].starts_with("listener "));
  CHECK(here.ask({"help", "listener", "stop"})
        == words{"listener stop NAME [AFTER]", "Stops one.", "More of it."});
  CHECK(here.ask({"help", "nothing"}) == words{"usage: no command nothing"});
}

TEST_CASE("a relative path is the client's") {
  desk here;
  CHECK(here.ask({"@/there/x", "where", "copy"}) == words{"/there/x/copy"});
  CHECK(here.ask({"@/there/x", "where", "/copy"}) == words{"/copy"});
  CHECK(here.ask({"where", "copy"}) == words{"usage: relative to what?"});
}

} // namespace command_registry_test
