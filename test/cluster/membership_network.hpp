#pragma once

#include "cluster/membership/membership.hpp"
#include "cluster/membership/membership_codec.hpp"
#include "test/cluster/membership_fixture.hpp"
#include "test/cluster/membership_node.hpp"

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <random>
#include <set>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

/// A little world for memberships: machines with a name and a disk each, a
/// network that loses, repeats and reorders what goes through it as bytes, an
/// operator with bad luck. All chance is that of one seed.

namespace hetzel::test {

/// What must never happen; its text ends with the seed.
struct membership_fault : std::runtime_error {
  using std::runtime_error::runtime_error;
};

class membership_network;

/// One machine, named n<number>, that listens at its name. A process of it
/// runs, or none.
class membership_machine final : public cluster::membership_sink {
public:
  membership_machine(membership_network& network, std::uint64_t number)
    : network_(network), number_(number) {}

  /// A first process, or the next one on the same disk.
  void start();
  /// What is not on disk is gone; a save on its way may have made it.
  void crash();
  /// And the disk with it.
  void lose_disk();
  /// The oldest save reaches the disk.
  void save_one();

  void save(std::uint64_t ticket, std::string record) override;
  void send(cluster::store_id to, cluster::membership_body body) override;
  void answer(cluster::asker_id to, cluster::membership_body body) override;
  void ask(const cluster::endpoint& seed,
           cluster::join_request request) override;
  void on_change(const cluster::cluster_state* before,
                 const cluster::cluster_state& now) override;
  void on_level(cluster::shard_no) override {}
  void on_drain() override { is_draining = true; }
  void on_left() override { is_out = true; }
  void on_removed() override { is_out = true; }
  void renew_identity(cluster::generation) override;
  void on_superseded(cluster::generation) override;

  [[nodiscard]] bool is_running() const noexcept { return core != nullptr; }
  [[nodiscard]] bool is_member() const {
    return is_running() && !is_out && core->state() != nullptr;
  }

  std::unique_ptr<cluster::membership> core;
  cluster::store_id store{};
  std::uint32_t opened = 0;
  std::string disk;
  std::optional<std::pair<std::uint64_t, std::string>> saving;
  std::vector<cluster::endpoint> seeds;
  bool may_form = false;
  bool has_lost_disk = false;
  /// It will not run again with this store.
  bool is_out = false;
  bool is_draining = false;

private:
  membership_network& network_;
  std::uint64_t number_;
};

class membership_network {
public:
  membership_network(std::uint64_t seed, std::uint64_t machines);

  /// One thing happens, whichever.
  void step();
  /// All that is broken is repaired, and everybody gets the time it takes.
  void settle();
  /// Throws unless all members agree, and on what they have to.
  void check_agreement() const;

  [[nodiscard]] std::size_t members() const;

  // -- for machines ----------------------------------------------------------

  [[nodiscard]] std::uint64_t random() { return random_(); }
  [[nodiscard]] cluster::steady_time now() const { return at_ms(ms_); }
  [[nodiscard]] cluster::store_id new_store();
  void post_to_store(std::uint64_t from, cluster::store_id to,
                     const cluster::membership_message& message);
  void post_join(std::uint64_t from, const cluster::endpoint& seed,
                 const cluster::join_request& request);
  void post_answer(std::uint64_t from, cluster::asker_id to,
                   const cluster::membership_message& message);
  /// The store said this of itself, or a record of it does.
  void note_saying(const cluster::member& own);
  void check_state(std::uint64_t number, const cluster::cluster_state& state);
  [[noreturn]] void fail(const std::string& what) const;

private:
  struct mail {
    std::uint64_t from;
    std::uint64_t to;
    std::function<void()> deliver;
  };
  struct question {
    std::uint64_t from;
    cluster::endpoint seed;
  };

  void post(mail letter);
  void deliver_one();
  void pass_time(std::int64_t ms);
  void greet(std::uint64_t from, std::uint64_t to);
  void beat(std::uint64_t number);
  void command();
  void break_something();
  void on_message(std::uint64_t to, const std::string& bytes);
  [[nodiscard]] bool is_cut(std::uint64_t a, std::uint64_t b) const;
  membership_machine& any() { return *machines_[random_() % machines_.size()]; }

  std::uint64_t seed_;
  std::mt19937_64 random_;
  std::int64_t ms_ = 1000000;
  std::int64_t next_beat_ = 0;
  bool is_kind_ = false;
  std::vector<std::unique_ptr<membership_machine>> machines_;
  std::uint64_t stores_ = 0;
  std::vector<mail> mail_;
  std::set<std::pair<std::uint64_t, std::uint64_t>> cut_;
  std::map<cluster::asker_id, question> askings_;
  cluster::asker_id last_asking_ = 0;
  std::map<cluster::store_id, std::set<cluster::member_facts>> said_;
  // For each machine and store what was once seen as removed there.
  std::map<cluster::store_id, std::set<cluster::store_id>> removed_;
  // Whoever was ordered to be removed, known to all or not.
  std::set<cluster::store_id> gone_;
  std::optional<cluster::cluster_id> cluster_;
};

} // namespace hetzel::test
