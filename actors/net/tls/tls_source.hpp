#pragma once

#include "actors/net/tls/tls_context.hpp"
#include "actors/net/transport_layer.hpp"

#include <cstdint>
#include <memory>
#include <mutex>
#include <shared_mutex>
#include <string>
#include <vector>

namespace hetzel::net {

/// Gives the connections of a TLS listener their layer, of the latest context
/// that could be made of its files. Any thread; what is said to block does so
/// for as long as files do.
class tls_source final : public layer_source {
public:
  /// Reads the files; blocking. `listener` is its name for the log;
  /// `application` see `tls_context::load`. The error is a sentence.
  [[nodiscard]] static mqtt::expected<std::shared_ptr<tls_source>, std::string>
  open(std::string listener, const tls_config& config,
       std::string_view application);

  /// From `open` alone.
  tls_source(std::string listener, std::string application,
             tls_context_ptr first, std::vector<std::string> stamps);

  [[nodiscard]] std::unique_ptr<transport_layer> make() override;

  [[nodiscard]] tls_context_ptr current() const;

  /// Reads the files anew if they are others, or look different, than those of
  /// the last try; blocking. What cannot be used changes nothing but the log.
  /// False: it could not.
  bool refresh();

private:
  const std::string listener_;
  const std::string application_;
  /// Held while files are read.
  std::mutex loading_;
  std::vector<std::string> stamps_;
  mutable std::shared_mutex current_mutex_;
  tls_context_ptr current_;
};

/// How the files of a configuration look: one text per file, which changes
/// with it. Blocking.
[[nodiscard]] std::vector<std::string> stamps_of(const tls_config& config);

} // namespace hetzel::net
