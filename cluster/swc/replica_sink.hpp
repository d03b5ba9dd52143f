#pragma once

#include "cluster/swc/pending_records.hpp"
#include "cluster/swc/sync_message.hpp"
#include "persistence/write_batch.hpp"

#include <cstdint>
#include <optional>
#include <string>

namespace hetzel::cluster {

/// Names a local write for whoever asked for it; of the caller's choosing.
using write_token = std::uint64_t;

/// What is visible of a key changed. Absent: there is nothing.
struct change {
  std::string key;
  std::optional<version> before;
  std::optional<version> after;
};

enum class pull_outcome : std::uint8_t {
  /// The peer's clock was taken over.
  done,
  /// A graft: what was asked for arrived.
  grafted,
  /// Try another peer, or a range pull from this one.
  need_full,
  not_a_member,
  busy,
  /// The peer is silent, gone, started anew, or breaks the rules; try again.
  broken,
};

/// What a replica wants done. Called from within its functions: none of them
/// may be called from here.
class replica_sink {
public:
  virtual ~replica_sink() = default;

  /// Write these batches one after the other, each whole; then say so with
  /// `replica::on_committed`. A batch that cannot be written is the end of
  /// this replica; a failed write may still reach the disk, so write it again
  /// before another replica is made from the store.
  virtual void commit(ticket number, persistence::write_batch batch) = 0;

  // -- after the commit that it belongs to -----------------------------------

  /// To all members.
  virtual void broadcast(frame delta) = 0;
  virtual void send(store_id to, sync_message message) = 0;
  /// The write is durable.
  virtual void on_written(write_token token) = 0;
  /// In the order of commits; played over a snapshot of the store they give
  /// what is visible in a later one.
  virtual void on_change(const change& what) = 0;
  virtual void on_pull_ended(store_id peer, pull_outcome outcome) = 0;

  // -- at once ---------------------------------------------------------------

  /// Somebody knows this event of the own actor, and the replica does not: its
  /// storage has lost or forgotten it. Choose a new actor for the store, make
  /// that durable, and `rotate` all its shards before they write again.
  virtual void on_clock_regressed(std::uint64_t counter) = 0;
};

} // namespace hetzel::cluster
