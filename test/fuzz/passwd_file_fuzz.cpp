#include "plugins/passwd/password_file.hpp"
#include "plugins/passwd/password_table.hpp"
#include "plugins/scram/scram_table.hpp"
#include "protocol/assert.hpp"

#include <cstddef>
#include <cstdint>
#include <string>

/// A password file, whatever it is, for both of its readers and for the tool
/// that edits it.

using namespace hetzel;
using namespace hetzel::plugins;

namespace {

void check_hash(mqtt::bytes_view text) {
  const auto hash = parse_password_hash(text);
  if (hash)
    HETZEL_ASSERT(parse_password_hash(format_password_hash(*hash)));
  const auto entry = parse_scram_entry(text);
  if (entry)
    HETZEL_ASSERT(parse_scram_entry(format_scram_entry(*entry)));
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes,
                                      std::size_t size) {
  const mqtt::bytes_view text(reinterpret_cast<const char*>(bytes), size);
  check_hash(text);
  const auto table = password_table::parse(text);
  const auto users = scram_table::parse(text);
  if (!table)
    HETZEL_ASSERT(table.error().line > 0);
  if (!users)
    HETZEL_ASSERT(users.error().line > 0);
  constexpr mqtt::bytes_view entry = "$6$eA==$eA==";
  const auto with = with_user(text, "fuzz", entry);
  HETZEL_ASSERT(with_user(with, "fuzz", entry) == with);
  const auto without = without_user(with, "fuzz");
  HETZEL_ASSERT(without && !without_user(*without, "fuzz"));
  return 0;
}
