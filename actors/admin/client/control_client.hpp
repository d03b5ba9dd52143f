#pragma once

#include "actors/admin/control_language.hpp"
#include "actors/net/socket_handle.hpp"
#include "protocol/expected.hpp"

#include <chrono>
#include <filesystem>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace hetzel::admin {

/// A blocking connection of an operator to a node.
class control_client {
public:
  /// Without a line from the node; nullopt: as long as it takes.
  using patience = std::optional<std::chrono::milliseconds>;

  /// Connects and hears the greeting. The error is a sentence.
  [[nodiscard]] static mqtt::expected<control_client, std::string>
  connect(const std::filesystem::path& socket, patience longest = {});

  /// Sends a request and calls `on_text` for each line of text as it comes, in
  /// a view that ends with the call. The error is a sentence: the connection
  /// broke, or its time is up; then it is of no more use.
  [[nodiscard]] mqtt::expected<status, std::string>
  ask(std::span<const std::string> words,
      const std::function<void(std::string_view text)>& on_text);

private:
  control_client(net::socket_handle socket, patience longest);

  using line_read = mqtt::expected<std::string, std::string>;

  [[nodiscard]] line_read read_line(patience longest);
  [[nodiscard]] bool send(std::string_view line) noexcept;

  net::socket_handle socket_;
  patience patience_;
  std::string input_;
};

} // namespace hetzel::admin
