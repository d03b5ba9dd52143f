#include "plugins/acl/acl_index.hpp"
#include "protocol/assert.hpp"
#include "protocol/topic.hpp"

#include <cstddef>
#include <cstdint>
#include <string>

/// An ACL file, whatever it is: parsed, compiled, asked about the filters of
/// its own rules.

using namespace hetzel;
using namespace hetzel::plugins;

namespace {

void ask(const acl_index& index, const acl_rule& rule) {
  const acl_client who{"m", "c", "u"};
  const auto verdict = index.may_subscribe(who, rule.filter);
  // A filter is within its own rule, unless another one denies it.
  if (rule.is_read && rule.what == acl_rule::effect::allow && !rule.user
      && !rule.is_pattern && !rule.filter.starts_with("$share/"))
    HETZEL_ASSERT(verdict != acl_verdict::next);
  static_cast<void>(index.may_publish(who, rule.filter));
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes,
                                      std::size_t size) {
  const mqtt::bytes_view text(reinterpret_cast<const char*>(bytes), size);
  const auto parsed = parse_acl(text);
  if (!parsed) {
    HETZEL_ASSERT(parsed.error().line > 0);
    return 0;
  }
  const acl_index strict{parsed->rules};
  const acl_index shared{parsed->rules, {.covers_shared = true}};
  for (const auto& rule : parsed->rules) {
    ask(strict, rule);
    ask(shared, rule);
  }
  return 0;
}
