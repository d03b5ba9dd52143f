#pragma once

#include "plugins/api/requests.hpp"

#include <cstddef>
#include <memory>
#include <optional>
#include <span>
#include <vector>

namespace hetzel::plugins {

/// Memory for all that the views of one request point to: measured first, then
/// filled, so that text takes one allocation and never moves.
class request_arena {
public:
  /// Counts what `keep` will need.
  void measure(mqtt::bytes_view text) noexcept { size_ += text.size(); }
  void measure(const std::optional<mqtt::bytes_view>& text) noexcept;
  void measure(mqtt::property_view properties) noexcept;
  void measure(std::span<const mqtt::subscribe_entry> entries) noexcept;
  void measure(std::span<const mqtt::reason_code>) noexcept {}
  void measure(std::span<const mqtt::bytes_view> texts) noexcept;

  /// Between the two.
  void allocate();

  /// Copies what the view points to and points it there.
  void keep(mqtt::bytes_view& text) noexcept;
  void keep(std::optional<mqtt::bytes_view>& text) noexcept;
  void keep(mqtt::property_view& properties) noexcept;
  void keep(std::span<const mqtt::subscribe_entry>& entries);
  void keep(std::span<const mqtt::reason_code>& codes);
  void keep(std::span<const mqtt::bytes_view>& texts);

private:
  std::size_t size_ = 0;
  std::unique_ptr<char[]> bytes_;
  char* next_ = nullptr;
  std::vector<mqtt::subscribe_entry> entries_;
  std::vector<mqtt::reason_code> codes_;
  std::vector<mqtt::bytes_view> texts_;
};

/// A request with all that it refers to: for providers that answer later, and
/// for who must wait for them.
template <class Request>
class owned_request {
public:
  explicit owned_request(const Request& source) : request_(source) {
    request_.for_each_view([this](const auto& view) { arena_.measure(view); });
    arena_.allocate();
    request_.for_each_view([this](auto& view) { arena_.keep(view); });
  }

  [[nodiscard]] const Request& get() const noexcept { return request_; }
  const Request* operator->() const noexcept { return &request_; }
  const Request& operator*() const noexcept { return request_; }

private:
  Request request_;
  request_arena arena_;
};

} // namespace hetzel::plugins
