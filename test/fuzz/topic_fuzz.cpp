#include "protocol/assert.hpp"
#include "protocol/topic.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

/// A filter, a line feed and a topic name. Every rule of topic.hpp against the
/// same rule written down as simply as can be.

using namespace hetzel;
using namespace hetzel::mqtt;

namespace {

using levels = std::vector<std::string>;

levels split(bytes_view topic) {
  levels parts(1);
  for (auto byte : topic)
    if (byte == '/')
      parts.emplace_back();
    else
      parts.back() += byte;
  return parts;
}

std::string join(const levels& parts, std::size_t from) {
  auto text = parts[from];
  for (auto i = from + 1; i < parts.size(); ++i)
    text += "/" + parts[i];
  return text;
}

bool has_wildcard(bytes_view text) {
  return text.find('+') != text.npos || text.find('#') != text.npos;
}

// -- UTF-8: decode a code point, then look at it ------------------------------

/// Bytes that a lead byte announces; 0: it is none.
std::size_t announced_size(unsigned lead) {
  if (lead < 0x80)
    return 1;
  if (lead >> 5U == 0x06)
    return 2;
  if (lead >> 4U == 0x0E)
    return 3;
  return lead >> 3U == 0x1E ? 4 : 0;
}

bool is_allowed(std::uint32_t point, std::size_t size) {
  constexpr std::uint32_t shortest[] = {0, 1, 0x80, 0x800, 0x1'0000};
  return point >= shortest[size] && point <= 0x10'FFFF
         && (point < 0xD800 || point > 0xDFFF);
}

bool is_utf8(bytes_view text) {
  for (std::size_t at = 0; at < text.size();) {
    auto lead = static_cast<unsigned char>(text[at]);
    auto size = announced_size(lead);
    if (size == 0 || at + size > text.size())
      return false;
    std::uint32_t point = size == 1 ? lead : lead & (0xFFU >> (size + 1));
    for (std::size_t i = 1; i < size; ++i) {
      auto next = static_cast<unsigned char>(text[at + i]);
      if (next >> 6U != 0x02)
        return false;
      point = point << 6U | (next & 0x3FU);
    }
    if (!is_allowed(point, size))
      return false;
    at += size;
  }
  return true;
}

// -- names, filters, matching -------------------------------------------------

bool fits(bytes_view topic, const topic_limits& limits) {
  return !topic.empty() && topic.size() <= limits.length_max
         && (limits.depth_max == 0 || split(topic).size() <= limits.depth_max);
}

bool are_filter_levels(const levels& parts) {
  for (std::size_t i = 0; i < parts.size(); ++i) {
    auto is_wildcard = parts[i] == "+" || parts[i] == "#";
    if (parts[i] == "#" && i + 1 != parts.size())
      return false;
    if (!is_wildcard && has_wildcard(parts[i]))
      return false;
  }
  return true;
}

bool is_filter(bytes_view filter, const topic_limits& limits) {
  if (!fits(filter, limits))
    return false;
  auto parts = split(filter);
  if (parts.size() < 2 || parts[0] != "$share")
    return are_filter_levels(parts);
  return parts.size() > 2 && !parts[1].empty() && !has_wildcard(parts[1])
         && !join(parts, 2).empty() && are_filter_levels(split(join(parts, 2)));
}

bool match_from(const levels& filter, std::size_t f, const levels& name,
                std::size_t n) {
  if (f == filter.size())
    return n == name.size();
  if (filter[f] == "#")
    return true;
  return n < name.size() && (filter[f] == "+" || filter[f] == name[n])
         && match_from(filter, f + 1, name, n + 1);
}

bool is_match(bytes_view filter, bytes_view name) {
  auto hidden = !name.empty() && name[0] == '$' && !filter.empty()
                && (filter[0] == '+' || filter[0] == '#');
  return !hidden && match_from(split(filter), 0, split(name), 0);
}

void check_filter(bytes_view filter, bytes_view name,
                  const topic_limits& limits) {
  auto parsed = parse_topic_filter(filter, limits);
  HETZEL_ASSERT(parsed.has_value() == is_filter(filter, limits));
  if (!parsed)
    return;
  if (!parsed->share_group.empty())
    HETZEL_ASSERT("$share/" + std::string(parsed->share_group) + "/"
                    + std::string(parsed->topic_filter)
                  == filter);
  HETZEL_ASSERT(matches(parsed->topic_filter, name)
                == is_match(parsed->topic_filter, name));
}

void check_name(bytes_view name, const topic_limits& limits) {
  auto is_name = fits(name, limits) && !has_wildcard(name);
  HETZEL_ASSERT((check_topic_name(name, limits) == reason_code::success)
                == is_name);
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes,
                                      std::size_t size) {
  constexpr topic_limits limits[] = {{0, 65'535}, {10, 65'535}, {3, 24}};
  bytes_view text(reinterpret_cast<const char*>(bytes), size);
  HETZEL_ASSERT(is_valid_utf8(text) == is_utf8(text));
  auto feed = std::min(text.find('\n'), text.size());
  auto filter = text.substr(0, feed);
  auto name = text.substr(std::min(feed + 1, text.size()));
  for (auto& limit : limits) {
    check_filter(filter, name, limit);
    check_name(filter, limit);
    check_name(name, limit);
  }
  return 0;
}
