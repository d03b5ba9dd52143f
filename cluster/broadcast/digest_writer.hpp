#pragma once

#include "cluster/broadcast/broadcast_sink.hpp"

#include <cstddef>
#include <cstdint>
#include <vector>

namespace hetzel::cluster {

/// Keeps in mind which shards changed when, so that each peer is told what it
/// was not told yet. One clock for each shard, whatever the number of peers.
class digest_writer {
public:
  /// A digest ends with the entry that reaches this.
  static constexpr std::size_t bytes_full = std::size_t{256} << 10;

  explicit digest_writer(const shard_reports& shards) : shards_(shards) {}

  /// Looks at all shards. The number of this beat: 1, 2, 3…
  std::uint64_t beat();

  /// The shards that changed after that beat, as one digest or, of many bytes,
  /// several; at least one, which may be empty. Their head is for the caller
  /// to fill in. A shard whose clock alone is too much for a message is left
  /// out; peers find out in their next pull.
  [[nodiscard]] std::vector<digest> changed_after(std::uint64_t beat);

  [[nodiscard]] std::uint64_t beats() const noexcept { return beats_; }
  [[nodiscard]] std::uint64_t left_out() const noexcept { return left_out_; }

private:
  struct seen {
    digest_entry entry;
    std::uint64_t changed = 0;
  };

  const shard_reports& shards_;
  std::vector<seen> seen_;
  std::uint64_t beats_ = 0;
  std::uint64_t left_out_ = 0;
};

} // namespace hetzel::cluster
