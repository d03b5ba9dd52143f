#pragma once

#include "actors/runtime/handle_slot.hpp"
#include "actors/runtime/supervisor.hpp"
#include "cluster/metadata/metadata_change.hpp"
#include "cluster/metadata/metadata_group.hpp"
#include "cluster/metadata/store_identity.hpp"
#include "persistence/key_value_store.hpp"

#include <caf/fwd.hpp>

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <string_view>
#include <vector>

namespace hetzel::cluster {

/// Counted since the start, over all groups.
struct metadata_counters {
  std::atomic<std::uint64_t> writes{0};
  std::atomic<std::uint64_t> commits{0};
  std::atomic<std::uint64_t> failed_commits{0};
  std::atomic<std::uint64_t> damaged_records{0};
};

/// The metadata of a node: which records there are and who writes them. Owns
/// the store, no actor. Outlives the groups.
class metadata {
public:
  /// `listener` may be null and outlives this.
  metadata(std::unique_ptr<persistence::key_value_store> store,
           store_identity identity, metadata_listener* listener);
  ~metadata();

  metadata(const metadata&) = delete;
  metadata& operator=(const metadata&) = delete;

  [[nodiscard]] const store_identity& identity() const noexcept {
    return identity_;
  }
  [[nodiscard]] persistence::key_value_store& store() noexcept {
    return *store_;
  }
  [[nodiscard]] metadata_listener* listener() const noexcept {
    return listener_;
  }
  [[nodiscard]] metadata_counters& counters() noexcept { return counters_; }

  [[nodiscard]] std::uint8_t group_count() const noexcept {
    return identity_.groups;
  }

  /// The number of the group that a record is in.
  [[nodiscard]] std::uint8_t
  group_number(const metadata_key& key) const noexcept {
    return static_cast<std::uint8_t>(group_of(key, identity_.groups));
  }

  /// The actor that writes it now; null before the supervisor runs.
  [[nodiscard]] metadata_group group(std::uint8_t number) const {
    return groups_[number].get();
  }
  [[nodiscard]] metadata_group group(const metadata_key& key) const {
    return group(group_number(key));
  }

  /// What a group could not write: its fate is open, and its events are counted
  /// for ever, so that it has to be written before anything else. For that
  /// group's actor, and the one that comes after it.
  [[nodiscard]] persistence::write_batch& unsettled(std::uint8_t number) {
    return unsettled_[number];
  }

  using visitor = std::function<void(const metadata_key&, std::string_view)>;

  /// Calls `visit` for every visible record of a kind, in no useful order but
  /// the filters of one Session one after another. Reads the store: blocks. A
  /// record that cannot be read is counted, logged and left out; what is said
  /// is the first failure of the store itself.
  [[nodiscard]] persistence::errc for_each(record_kind kind,
                                           const visitor& visit);

private:
  friend runtime::supervisor_spec
  metadata_supervisor(caf::actor_system& system, metadata& all,
                      metadata_group_options options);

  [[nodiscard]] persistence::errc
  for_each_in_group(std::uint8_t group, record_kind kind,
                    const persistence::reader& records, const visitor& visit);
  void note_damage(std::string_view what);

  std::unique_ptr<persistence::key_value_store> store_;
  store_identity identity_;
  metadata_listener* listener_;
  metadata_counters counters_;
  std::vector<runtime::handle_slot<metadata_group>> groups_;
  std::vector<persistence::write_batch> unsettled_; // by group
};

/// One permanent child per group.
runtime::supervisor_spec metadata_supervisor(caf::actor_system& system,
                                             metadata& all,
                                             metadata_group_options options);

/// Makes the messages of this folder known to CAF. Once, before an actor
/// system is made.
void register_types();

} // namespace hetzel::cluster
