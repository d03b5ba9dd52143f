#pragma once

#include "persistence/messages/ids.hpp"
#include "persistence/messages/operation.hpp"

#include <boost/unordered/unordered_flat_map.hpp>

#include <cstddef>
#include <cstdint>
#include <vector>

namespace hetzel::persistence {

/// How many entries refer to each body of a shard, in memory alone.
///
/// Of a *new* body, put since the store was opened, the count is exact: it is
/// told with the body. Of an *old* one it is what the shards find in their
/// entries, less what goes of that. Only once all of them have found
/// everything (`settle`) does no reference mean that the body is an orphan;
/// and a reference alone does not mean that the body is there.
///
/// Changes are staged with the batch that they belong to, and kept or dropped
/// with it.
class body_counts {
public:
  /// Bodies from the ordinal `first_new` on are new.
  explicit body_counts(std::uint64_t first_new) : first_new_(first_new) {}

  // -- a batch ---------------------------------------------------------------

  /// Forgets what was staged.
  void begin();

  void stage_body(body_id id, std::int32_t references);
  void stage(const reference_change& change);

  /// With what is staged: whether nothing refers to the body any more.
  [[nodiscard]] bool is_gone(body_id id) const;

  /// Bodies of earlier batches that are gone with what is staged.
  [[nodiscard]] const std::vector<body_id>& find_gone();

  /// What was staged is on the disk.
  void keep();

  // -- old bodies ------------------------------------------------------------

  /// Counts references that were found on the disk, at once.
  void add_found(const reference_change& change);

  /// All references of all shards were found.
  void settle() noexcept { settled_ = true; }
  [[nodiscard]] bool is_settled() const noexcept { return settled_; }

  /// An old body is on the disk: whether it is an orphan, to be erased. If not
  /// it is gone with its last reference. Precondition: settled.
  [[nodiscard]] bool meet(body_id id);

  /// Bodies with a count, for an estimate of the memory.
  [[nodiscard]] std::size_t size() const noexcept { return counts_.size(); }

private:
  struct tally {
    std::int32_t references = 0;
    /// Of an old body: it was met.
    bool is_met = false;
  };

  struct staged {
    std::int32_t change = 0;
    /// The body itself is in the batch.
    bool is_put = false;
  };

  [[nodiscard]] bool is_new(body_id id) const noexcept {
    return ordinal(id) >= first_new_;
  }

  std::uint64_t first_new_;
  bool settled_ = false;
  boost::unordered_flat_map<std::uint64_t, tally> counts_;
  boost::unordered_flat_map<std::uint64_t, staged> staged_;
  std::vector<body_id> gone_;
};

} // namespace hetzel::persistence
