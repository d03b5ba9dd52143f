#pragma once

#include "plugins/bans/ban_index.hpp"
#include "plugins/bans/flap_watch.hpp"
#include "plugins/guards/guard_counters.hpp"

#include <atomic>
#include <filesystem>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

namespace hetzel::plugins {

/// The bans of a node, kept in a file. From any thread: who asks about a client
/// reads an immutable index; who changes bans holds a lock and writes the file,
/// which blocks, so changes belong into a thread that may.
class ban_book {
public:
  struct options {
    std::filesystem::path file;
    flap_options flapping;
    /// Outlives the book.
    guard_counters* counters = nullptr;
  };

  explicit ban_book(options chosen);

  /// Reads the file, once, before anybody asks. A file that is not there has no
  /// bans. The error names file and line.
  [[nodiscard]] mqtt::expected<void, std::string> open();

  // -- asking -----------------------------------------------------------------

  /// Before CONNECT. False for what is no address, such as a Unix socket.
  [[nodiscard]] bool is_banned(mqtt::bytes_view peer) const;

  /// At CONNECT.
  [[nodiscard]] bool
  is_banned(mqtt::bytes_view client_id,
            std::optional<mqtt::bytes_view> user_name) const;

  // -- changing ---------------------------------------------------------------

  /// The error is a sentence; then nothing has changed but in memory where the
  /// file could not be written.
  [[nodiscard]] mqtt::expected<void, std::string> add(ban made);

  /// False: there was none.
  [[nodiscard]] mqtt::expected<bool, std::string>
  remove(ban::target what, const std::string& whom);

  /// Those in force.
  [[nodiscard]] std::vector<ban> all() const;

  /// A connection of that client has ended; true: it is banned from now on, in
  /// memory alone, for it is soon over.
  bool on_disconnect(const std::string& client_id);

private:
  using index_ptr = std::shared_ptr<const ban_index>;

  [[nodiscard]] index_ptr index() const;
  void publish();
  [[nodiscard]] mqtt::expected<void, std::string> save() const;

  options options_;
  mutable std::mutex change_mutex_;
  ban_list list_;      // of change_mutex_
  flap_watch flapping_; // of change_mutex_
  mutable std::mutex index_mutex_;
  index_ptr index_ = std::make_shared<const ban_index>();
  /// Whether there is anything to look up, so that most clients cost a load.
  std::atomic<bool> is_empty_{true};
};

} // namespace hetzel::plugins
