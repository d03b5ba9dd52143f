#include "plugins/api/owned_request.hpp"

#include <algorithm>

namespace hetzel::plugins {

void request_arena::measure(
  const std::optional<mqtt::bytes_view>& text) noexcept {
  if (text)
    measure(*text);
}

void request_arena::measure(mqtt::property_view properties) noexcept {
  measure(properties.bytes());
}

void request_arena::measure(
  std::span<const mqtt::subscribe_entry> entries) noexcept {
  for (const auto& entry : entries)
    measure(entry.topic_filter);
}

void request_arena::measure(
  std::span<const mqtt::bytes_view> texts) noexcept {
  for (const auto text : texts)
    measure(text);
}

void request_arena::allocate() {
  bytes_ = std::make_unique_for_overwrite<char[]>(size_);
  next_ = bytes_.get();
}

void request_arena::keep(mqtt::bytes_view& text) noexcept {
  auto* const start = next_;
  next_ = std::copy(text.begin(), text.end(), start);
  text = {start, text.size()};
}

void request_arena::keep(std::optional<mqtt::bytes_view>& text) noexcept {
  if (text)
    keep(*text);
}

void request_arena::keep(mqtt::property_view& properties) noexcept {
  auto bytes = properties.bytes();
  keep(bytes);
  properties = mqtt::property_view{bytes};
}

void request_arena::keep(std::span<const mqtt::subscribe_entry>& entries) {
  entries_.assign(entries.begin(), entries.end());
  for (auto& entry : entries_)
    keep(entry.topic_filter);
  entries = entries_;
}

void request_arena::keep(std::span<const mqtt::reason_code>& codes) {
  codes_.assign(codes.begin(), codes.end());
  codes = codes_;
}

void request_arena::keep(std::span<const mqtt::bytes_view>& texts) {
  texts_.assign(texts.begin(), texts.end());
  for (auto& text : texts_)
    keep(text);
  texts = texts_;
}

} // namespace hetzel::plugins
