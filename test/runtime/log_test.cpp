#include "actors/runtime/log.hpp"

#include <doctest/doctest.h>

#include <unistd.h>

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>

namespace log_test {

namespace logging = hetzel::log;

namespace {

/// A folder of its own that goes with the test; the log is back to plain then.
struct log_folder {
  log_folder() {
    std::string pattern = std::filesystem::temp_directory_path() / "logXXXXXX";
    path = mkdtemp(pattern.data());
  }

  ~log_folder() {
    logging::shutdown();
    logging::set_threshold(logging::level::off);
    std::filesystem::remove_all(path);
  }

  std::string read(const std::string& file) const {
    std::ifstream in{path / file};
    std::stringstream text;
    text << in.rdbuf();
    return text.str();
  }

  std::filesystem::path path;
};

} // namespace

TEST_CASE("a line is the event and its key=value pairs in order") {
  CHECK(logging::format("session.takeover", {{"client_id", "c1"},
                                         {"port", 1883},
                                         {"share", 0.5},
                                         {"clean", true}})
        == "session.takeover client_id=c1 port=1883 share=0.5 clean=true");
  CHECK(logging::format("node.ready", {}) == "node.ready");
}

TEST_CASE("integers of all sizes and both signs are written whole") {
  CHECK(logging::format("x", {{"a", std::int8_t{-1}},
                          {"b", std::uint64_t{18446744073709551615U}},
                          {"c", std::int64_t{-9223372036854775807}}})
        == "x a=-1 b=18446744073709551615 c=-9223372036854775807");
}

TEST_CASE("values that a peer chose cannot forge a line or a field") {
  struct row {
    std::string value;
    std::string written;
  };
  const row rows[] = {
    {"plain", "plain"},
    {"", "\"\""},
    {"a b", "\"a b\""},
    {"x\n2026 error forged", "\"x\\x0a2026 error forged\""},
    {"a=b", "\"a=b\""},
    {"say \"hi\"", "\"say \\\"hi\\\"\""},
    {"back\\slash", "\"back\\\\slash\""},
    {"\x1b[2J", "\"\\x1b[2J\""},
    {std::string("a\0b", 3), "\"a\\x00b\""},
    {"\x7f", "\"\\x7f\""},
    {"\xc2\x9b" "1m", "\"\\xc2\\x9b1m\""},
    {"grün", "grün"},
    {"\xc2", "\xc2"},
  };
  for (const row& one : rows)
    CHECK(logging::format("e", {{"k", one.value}}) == "e k=" + one.written);
}

TEST_CASE("a value is cut where it would fill the log") {
  const std::string huge(100'000, 'x');
  const auto line = logging::format("e", {{"k", huge}});
  CHECK(line.size() == 4 + logging::field::value_size_max + 3);
  CHECK(line.ends_with("x..."));
}

TEST_CASE("only lines at or above the threshold are written") {
  log_folder folder;
  CHECK(logging::setup({.threshold = logging::level::info,
                    .console = false,
                    .file_path = folder.path / "node.log"})
          .empty());
  CHECK(!logging::is_enabled(logging::level::debug));
  logging::debug("quiet.event");
  logging::info("loud.event", {{"n", 1}});
  logging::set_threshold(logging::level::debug);
  logging::debug("late.event");
  logging::shutdown();
  const auto text = folder.read("node.log");
  CHECK(text.find("quiet.event") == std::string::npos);
  CHECK(text.find("info loud.event n=1\n") != std::string::npos);
  CHECK(text.find("debug late.event\n") != std::string::npos);
}

TEST_CASE("a log file is rotated at its size and old ones are dropped") {
  log_folder folder;
  CHECK(logging::setup({.console = false,
                    .file_path = folder.path / "node.log",
                    .file_size_max_bytes = 4096,
                    .files_kept_max = 1})
          .empty());
  for (int i = 0; i < 300; ++i)
    logging::info("filler.event", {{"number", i}});
  logging::shutdown();
  CHECK(std::filesystem::exists(folder.path / "node.log"));
  CHECK(std::filesystem::exists(folder.path / "node.1.log"));
  CHECK(!std::filesystem::exists(folder.path / "node.2.log"));
  CHECK(std::filesystem::file_size(folder.path / "node.log") <= 4096);
}

TEST_CASE("a file that cannot be opened is reported and the console takes "
          "over") {
  log_folder folder;
  // A folder stands where the file should.
  std::filesystem::create_directory(folder.path / "node.log");
  const auto problem = logging::setup({.threshold = logging::level::off,
                                   .console = false,
                                   .file_path = folder.path / "node.log"});
  CHECK(problem.find("node.log") != std::string::npos);
  logging::error("still.here"); // must not throw
}

} // namespace log_test
