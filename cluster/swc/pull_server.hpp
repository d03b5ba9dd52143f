#pragma once

#include "cluster/errc.hpp"
#include "cluster/swc/replica_faults.hpp"
#include "cluster/swc/shard_image.hpp"
#include "cluster/swc/sync_message.hpp"
#include "persistence/reader.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace hetzel::cluster {

struct frame_limits {
  /// A frame ends with the item that reaches one of these. An item alone may
  /// be larger.
  std::size_t bytes = std::size_t{256} << 10;
  std::size_t items = 1000;
};

/// Serves one pull from a snapshot: the records of all dots that the requester
/// lacks, in a range pull then all records, at last the clock. Reads nothing
/// but the snapshot, so it may live in another thread than its replica. Work
/// goes with the dot-key entries in the missing runs (and in a range pull with
/// the records), never with counters.
class pull_server {
public:
  using time_point = std::chrono::steady_clock::time_point;

  struct source {
    sync_head head;
    actor_id actor{};
    version_vector stable;
    frame_limits limits;
    std::chrono::milliseconds silence_max{};
    std::chrono::milliseconds duration_max{};
    replica_faults faults;
    /// Where records are read with `faults.read_live_records`.
    const persistence::reader* live = nullptr;
  };

  /// Throws `store_failure`, as all that read.
  [[nodiscard]] static expected<pull_server, sync_refusal>
  open(const sync_request& request,
       std::shared_ptr<const persistence::reader> snapshot, source from,
       time_point now);

  [[nodiscard]] store_id requester() const noexcept {
    return requester_.source;
  }
  [[nodiscard]] std::uint64_t session() const noexcept {
    return requester_.session;
  }

  /// The next message to the requester; nothing while the window is full, and
  /// at the end.
  [[nodiscard]] std::optional<sync_message> next();
  void on_ack(const sync_ack& ack, time_point now);

  /// The end was sent, or the requester is silent for too long: let it go, for
  /// it holds the snapshot.
  [[nodiscard]] bool is_over(time_point now) const;

private:
  pull_server(const sync_request& request,
              std::shared_ptr<const persistence::reader> snapshot, source from,
              shard_image image, time_point now);

  void find_missing(const node_clock& theirs);
  [[nodiscard]] container record(const std::string& key) const;
  [[nodiscard]] frame new_frame(frame_kind kind);
  [[nodiscard]] bool is_full(const frame& delta, std::size_t bytes) const;
  [[nodiscard]] frame next_dots();
  [[nodiscard]] frame next_range();
  [[nodiscard]] sync_end end();

  sync_head requester_;
  pull_mode mode_;
  std::uint32_t window_;
  std::shared_ptr<const persistence::reader> snapshot_;
  source from_;
  shard_image image_;
  version_vector base_;
  std::map<std::string, std::vector<dot>> missing_;
  std::unique_ptr<persistence::cursor> records_;
  // Where the next range frame begins; nothing once the last one was sent.
  std::optional<std::string> from_key_;
  std::uint64_t sent_ = 0;
  std::uint64_t acknowledged_ = 0;
  bool is_ended_ = false;
  time_point started_;
  time_point progressed_;
};

} // namespace hetzel::cluster
