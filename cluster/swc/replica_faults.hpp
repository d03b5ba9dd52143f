#pragma once

namespace hetzel::cluster {

/// For tests of the tests: each switches off one rule of the replica, and then
/// some simulation must fail. All off in a program.
struct replica_faults {
  /// After a pull take over the responder's own column only.
  bool merge_own_column_only = false;
  /// Read records live, though the clock is that of a snapshot.
  bool read_live_records = false;
  /// Do not mind who knows later events of the own actor than oneself.
  bool keep_regressed_actor = false;
  /// Serve dots to who is behind the prune floor.
  bool ignore_floor = false;
  /// The same in a graft only.
  bool ignore_floor_in_graft = false;
  /// Leave the responder's floor after a range pull.
  bool leave_floor = false;
  /// Take the dots of a record's versions for those of the item.
  bool take_version_dots = false;
  /// List but some of the dots of a key in a graft.
  bool list_some_dots = false;
  /// Take write frames during a range pull.
  bool apply_writes_in_range_pull = false;
};

} // namespace hetzel::cluster
