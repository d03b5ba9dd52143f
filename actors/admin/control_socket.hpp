#pragma once

#include "actors/net/socket_handle.hpp"
#include "protocol/expected.hpp"

#include <filesystem>
#include <string>

namespace hetzel::admin {

/// The listening socket of a node's operators: a file that only its owner (and
/// the superuser) can connect to. It outlives the actor that accepts from it.
/// The file goes with this object.
class control_socket {
public:
  /// Makes the file. One that nobody listens at any more is replaced; where
  /// somebody does, or what is there is no socket, the error is a sentence. The
  /// path may have any length.
  [[nodiscard]] static mqtt::expected<control_socket, std::string>
  open(const std::filesystem::path& path);

  control_socket(control_socket&& other) noexcept = default;
  control_socket& operator=(control_socket&&) = delete;
  ~control_socket();

  [[nodiscard]] int descriptor() const noexcept { return socket_.get(); }

  [[nodiscard]] const std::filesystem::path& path() const noexcept {
    return path_;
  }

private:
  control_socket(net::socket_handle socket, std::filesystem::path path);

  net::socket_handle socket_;
  std::filesystem::path path_;
};

/// A blocking connection to the socket of a node, for its operators. The error
/// is a sentence.
[[nodiscard]] mqtt::expected<net::socket_handle, std::string>
connect_control(const std::filesystem::path& path);

} // namespace hetzel::admin
