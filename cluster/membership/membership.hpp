#pragma once

#include "cluster/membership/departure.hpp"
#include "cluster/membership/gossip.hpp"
#include "cluster/membership/levelling.hpp"
#include "cluster/membership/local_record.hpp"
#include "cluster/membership/membership_options.hpp"
#include "cluster/membership/membership_sink.hpp"
#include "cluster/membership/seed_join.hpp"
#include "cluster/membership/steady_time.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <utility>
#include <vector>

namespace hetzel::cluster {

/// What a start came to.
enum class start_verdict : std::uint8_t {
  /// Of a cluster; its members are known.
  member,
  /// Forms a cluster of its own: it has no seeds.
  forming,
  /// Asks its seeds.
  seeking,
  /// Of a cluster that removed this store. Nothing was begun.
  removed,
  /// It has seeds, no cluster, and records. Nothing was begun: an operator has
  /// to wipe it, or to start it without seeds.
  not_empty,
  /// What it remembers is of another store or other parameters. Nothing was
  /// begun.
  foreign_record,
};

/// Why an operator's wish is not carried out.
enum class command_refusal : std::uint8_t {
  none,
  /// This node belongs to no cluster (yet).
  no_cluster,
  unknown_store,
  already_removed,
  /// Nobody else would be left.
  last_member,
  /// Removing oneself by force: let it leave instead.
  is_self,
  /// It has other members, or records; it cannot go to another cluster.
  not_alone,
};

/// Counted since the process started.
struct membership_counters {
  std::uint64_t saves = 0;
  std::uint64_t pushes = 0;
  std::uint64_t merges = 0;
  /// States of another cluster, or of more members than there may be.
  std::uint64_t foreign = 0;
  std::uint64_t joins_accepted = 0;
  std::uint64_t joins_refused = 0;
  std::uint64_t joins_expired = 0;
};

/// A node's part in the agreement on who the cluster is (replication.md 4.1,
/// 4.2, 2.10 to 2.12). Members change only by what is said here; a failure
/// detector never removes anybody.
///
/// In memory it may be ahead of the store. `state()`, everything it sends, and
/// every event are of what was saved.
class membership : private seed_join_sink {
public:
  /// The sink outlives this. `remembered` is the record of the store, if there
  /// is one; a record that cannot be decoded must not be dropped: refuse the
  /// start instead.
  membership(membership_options options,
             std::optional<local_record> remembered, membership_sink& sink);

  [[nodiscard]] start_verdict start(steady_time now);
  void on_saved(std::uint64_t ticket, steady_time now);
  /// Every 100 ms or so.
  void tick(steady_time now);

  // -- what can be known -----------------------------------------------------

  /// Null before this node belongs to a cluster.
  [[nodiscard]] const cluster_state* state() const noexcept {
    return saved_ ? &saved_->state : nullptr;
  }
  /// 0 before.
  [[nodiscard]] std::uint64_t version() const noexcept {
    return gossip_.own();
  }
  [[nodiscard]] store_id own() const noexcept { return options_.store; }
  /// JOINING as long as it is of no cluster.
  [[nodiscard]] member_state own_state() const noexcept;
  [[nodiscard]] departure_step step() const noexcept {
    return departure_.step();
  }
  [[nodiscard]] const seed_join& seeking() const noexcept { return seeking_; }
  [[nodiscard]] const membership_counters& counters() const noexcept {
    return counters_;
  }
  /// For a new link; its nonce is random.
  [[nodiscard]] hello make_hello() const;

  // -- from peers ------------------------------------------------------------

  /// Which version a peer has, from a hello, a heartbeat or a digest.
  void on_version(store_id peer, std::uint64_t version, steady_time now);
  void on_members(store_id from, const cluster_state& theirs,
                  steady_time now);
  /// A link of the scope `member` or `stranger` is open.
  void on_link_up(store_id peer, std::uint64_t version, steady_time now);
  /// The opinion of the failure detector.
  void on_reachable(store_id peer, bool is_reachable, steady_time now);
  /// The newest process of this store that a peer knows (`hello_ack`).
  void on_known_generation(generation known);

  // -- joining ---------------------------------------------------------------

  void on_join(asker_id asker, const join_request& request,
               steady_time now);
  void on_join_accepted(const join_accepted& answer);
  void on_join_refused(const endpoint& seed, const join_refused& answer,
                       steady_time now) {
    seeking_.on_refused(seed, answer, now);
    settle_forming();
  }
  void on_seed_unreachable(const endpoint& seed, steady_time now) {
    seeking_.on_unreachable(seed, now);
    settle_forming();
  }
  /// Names of seeds were resolved anew.
  void set_seeds(std::vector<endpoint> seeds) {
    seeking_.set_seeds(std::move(seeds));
  }
  /// All shards have caught up: this node is up from now on.
  void on_caught_up();

  // -- commands of an operator -----------------------------------------------

  /// Gives up a cluster of this node alone, if its database is empty, for the
  /// one that a seed belongs to; it is kept until a seed lets this node in.
  [[nodiscard]] command_refusal join(std::vector<endpoint> seeds,
                                     bool has_records, steady_time now);
  /// The node may be any one; it acts on it when it hears of it.
  [[nodiscard]] command_refusal leave(store_id store);
  /// For a node that will not come back.
  [[nodiscard]] command_refusal remove(store_id store);

  // -- of this store ---------------------------------------------------------

  void set_addresses(member_addresses addresses);
  /// Another actor counts from now on, and that is durable.
  void set_actor(actor_id actor, std::vector<actor_id> retired);
  /// The answer to `renew_identity`.
  void on_renewed(generation opened, actor_id actor,
                  std::vector<actor_id> retired);
  void on_drained() noexcept { (void) departure_.on_drained(); }
  void on_covered();

  // -- retired actors --------------------------------------------------------

  /// What a retirement came to (retirement_desk.hpp).
  void add_voids(shard_no shard, actor_id actor, const void_column& column);
  void on_levelled(shard_no shard);

private:
  struct open_answer {
    asker_id asker = 0;
    store_id store{};
  };

  void ask_seed(const endpoint& seed,
                std::optional<store_id> replaces) override;
  void form() override { wants_to_form_ = true; }
  void settle_forming();
  void form_cluster();

  [[nodiscard]] member_facts make_facts() const;
  [[nodiscard]] member own_member() const;
  void change_own();
  void change_state(store_id store, member_state state);
  /// Saves the draft; `push`: and sends it to all once it is saved.
  void changed(bool push);
  void publish(const std::optional<local_record>& before, bool push,
               steady_time now);
  void act_on_own_state(steady_time now);
  void push(store_id to, steady_time now, bool anyway);
  void answer_askers();
  /// Takes over actors of other lives of this store; whether there were any.
  bool absorb_actors(const member_facts& seen);
  void check_own(const cluster_state& theirs);
  void on_conflict(generation other);
  void expire_joins(steady_time now);
  void on_step_changed();

  membership_options options_;
  membership_sink& sink_;
  seed_join seeking_;
  gossip gossip_;
  departure departure_;
  levelling levelling_;
  membership_counters counters_;

  // What is to be, what is being saved, and what is saved.
  std::optional<local_record> draft_;
  std::optional<local_record> in_flight_;
  std::optional<local_record> saved_;
  std::uint64_t ticket_ = 0;
  bool is_dirty_ = false;
  bool push_draft_ = false;
  bool push_in_flight_ = false;

  std::uint32_t first_revision_ = 0;
  std::uint32_t revision_ = 0;
  // Of a life of this store that a backup knows nothing of.
  std::set<actor_id> lost_actors_;
  std::uint32_t conflicts_ = 0;
  bool is_renewing_ = false;
  bool wants_to_form_ = false;
  bool was_removed_ = false;

  std::vector<open_answer> askers_;
  std::set<store_id> owed_;
  std::set<store_id> reachable_;
  std::map<store_id, steady_time> absent_since_;
};

} // namespace hetzel::cluster
