#include "test/simulation/schedule.hpp"

#include <algorithm>
#include <array>
#include <numeric>

namespace hetzel::test {

using namespace cluster;

namespace {

/// One random step after the other.
class schedule {
public:
  explicit schedule(const schedule_options& options)
    : options_(options), world_(make_world(options)) {
    constexpr std::array lingers{0, 30, 80};
    linger_percent_ = lingers[world_.below(lingers.size())];
    one_way_ = world_.below(2) == 0;
    drops_much_ = world_.below(4) == 0;
  }

  void run() {
    world_.check();
    for (std::size_t i = 0; i < options_.steps; ++i) {
      world_.pass(std::chrono::milliseconds{world_.below(400)});
      step();
      if (world_.has_cores())
        tend();
      world_.check();
    }
    world_.come_to_rest();
  }

  world& where() noexcept { return world_; }

private:
  /// What the cores of this run are like; nothing in a run without.
  static std::optional<core_options>
  make_cores(const schedule_options& options, std::mt19937_64& random) {
    auto kind = options.dissemination;
    if (kind == dissemination::mixed)
      kind = std::array{dissemination::trees,   dissemination::mesh,
                        dissemination::trees,   dissemination::letters,
                        dissemination::letters, dissemination::letters,
                        dissemination::letters,
                        dissemination::letters}[options.seed % 8];
    if (kind == dissemination::letters)
      return std::nullopt;
    core_options made;
    made.mode = kind == dissemination::mesh ? broadcast_mode::mesh
                                            : broadcast_mode::tree;
    made.metadata_queue_bytes_max = random() % 4 == 0 ? 1000 : 16 << 20;
    made.digest_all_nodes_max = random() % 4 == 0 ? 2 : 16;
    made.notices_cuts = random() % 2 == 0;
    made.lose_messages = options.lose_messages;
    return made;
  }

  static bool has_many_nodes(const schedule_options& options) {
    return options.dissemination == dissemination::mixed
           && options.seed % 8 == 2;
  }

  static world_options make_world(const schedule_options& options) {
    std::mt19937_64 random{options.seed * 7 + 1};
    auto pick = [&](auto... values) {
      std::array all{values...};
      return all[random() % all.size()];
    };
    world_options made;
    made.seed = options.seed;
    made.keys = pick(1, 2, 3, 6);
    made.nodes = options.nodes_min
                 + random() % (options.nodes_max - options.nodes_min + 1);
    made.node.synced = pick(true, false);
    made.node.frames.items = pick(1U, 1U, 2U, 1000U);
    made.node.frames.bytes = pick(1U, 100U, 100'000U);
    made.node.window = pick(1U, 2U, 4U);
    made.node.sweep_max = pick(1U, 3U, 2000U);
    made.node.faults = options.faults;
    made.skewed = pick(true, false);
    made.skip_levelling = options.skip_levelling;
    made.records_history = options.records_history;
    made.cores = make_cores(options, random);
    if (has_many_nodes(options))
      made.nodes = 9 + random() % 4;
    return made;
  }

  struct action {
    void (schedule::*take)();
    /// Of a thousand and some.
    unsigned weight;
  };

  void step() {
    static constexpr std::array actions{
      action{&schedule::put, 220},         action{&schedule::erase, 120},
      action{&schedule::deliver, 260},     action{&schedule::drop, 60},
      action{&schedule::duplicate, 30},    action{&schedule::pull, 90},
      action{&schedule::step_pull, 300},   action{&schedule::graft, 40},
      action{&schedule::sync, 60},         action{&schedule::gossip, 100},
      action{&schedule::collect, 60},      action{&schedule::crash, 10},
      action{&schedule::lose_power, 12},   action{&schedule::lose_disk, 3},
      action{&schedule::join, 4},          action{&schedule::remove, 3},
      action{&schedule::leave, 4},         action{&schedule::cut, 15},
      action{&schedule::heal, 20},         action{&schedule::evict, 8},
      action{&schedule::back_up, 4},       action{&schedule::restore, 2},
      action{&schedule::wait, 4},          action{&schedule::partition, 2},
      action{&schedule::round, 15},        action{&schedule::lose_letter, 4},
      action{&schedule::repeat_letter, 4},
    };
    auto all = std::accumulate(
      actions.begin(), actions.end(), 0U,
      [](unsigned sum, const action& a) { return sum + a.weight; });
    auto chosen = world_.below(all);
    for (auto& a : actions) {
      if (chosen < a.weight)
        return (this->*a.take)();
      chosen -= a.weight;
    }
  }

  node_no any() {
    auto all = world_.nodes();
    return all[world_.below(all.size())];
  }

  /// Another one; the same when it is alone.
  node_no other_than(node_no one) {
    auto all = world_.nodes();
    if (all.size() > 1)
      std::erase(all, one);
    return all[world_.below(all.size())];
  }

  sim_node& touched(node_no number) {
    world_.touch(number);
    return world_.node(number);
  }

  bool chance(std::size_t percent) { return world_.below(100) < percent; }

  /// Commits linger, in some runs.
  void settle(sim_node& node) {
    if (!chance(linger_percent_))
      node.flush();
    else if (chance(30))
      node.flush(1);
  }

  // -- clients ----------------------------------------------------------------

  void write(bool is_put) {
    auto& node = touched(any());
    auto& keys = world_.keys();
    std::vector<std::pair<std::string, bool>> batch;
    batch.emplace_back(keys[world_.below(keys.size())], is_put);
    while (batch.size() < 20 && chance(batch.size() < 3 ? 30 : 10))
      batch.emplace_back(keys[world_.below(keys.size())],
                         chance(85) ? is_put : !is_put);
    node.write(batch);
    settle(node);
  }

  void put() { write(true); }
  void erase() { write(false); }

  // -- network ----------------------------------------------------------------

  void deliver() {
    if (auto size = world_.frames().size(); size != 0)
      world_.deliver_frame(world_.below(size), false);
    if (drops_much_)
      drop();
    settle(world_.node(any()));
  }

  void drop() {
    if (auto size = world_.frames().size(); size != 0)
      (void) world_.frames().take(world_.below(size));
  }

  void duplicate() {
    if (auto size = world_.frames().size(); size != 0)
      world_.deliver_frame(world_.below(size), true);
  }

  void start(pull_mode mode) {
    auto who = any();
    auto peer = other_than(who);
    if (who == peer)
      return;
    auto& node = touched(who);
    if (mode == pull_mode::dots
        && node.last_pull == pull_outcome::need_full && chance(70))
      mode = pull_mode::range;
    node.start_pull(world_.node(peer).store(), mode);
  }

  void pull() { start(pull_mode::dots); }
  void graft() { start(pull_mode::graft); }

  void step_pull() {
    for (auto messages = 1 + world_.below(4); messages != 0; --messages) {
      if (world_.links().empty())
        return;
      world_.deliver_sync(world_.below(world_.links().size()));
      for (auto n : world_.nodes())
        settle(touched(n));
    }
  }

  /// No link does that, but a pull must not depend on it.
  void lose_letter() {
    if (!world_.links().empty())
      (void) world_.links().take(world_.below(world_.links().size()));
  }

  void repeat_letter() {
    if (!world_.links().empty())
      world_.deliver_sync(world_.below(world_.links().size()), true);
  }

  void cut() {
    auto a = any();
    auto b = other_than(a);
    if (a == b)
      return;
    world_.cut(a, b);
    if (!one_way_)
      world_.cut(b, a);
  }

  void heal() { world_.heal(); }

  void partition() {
    std::vector<node_no> left;
    std::vector<node_no> right;
    for (auto n : world_.nodes())
      (chance(50) ? left : right).push_back(n);
    for (auto a : left)
      for (auto b : right) {
        world_.cut(a, b);
        world_.cut(b, a);
      }
  }

  /// What broadcast cores do beside: one of them looks at the time, messages
  /// arrive or do not, and frames go on along trees.
  void tend() {
    auto some = 1 + world_.nodes().size() / 2;
    if (chance(40))
      world_.frames().tick(any());
    for (auto n = world_.below(3 * some); n != 0; --n)
      if (auto waiting = world_.frames().messages(); waiting != 0) {
        if (chance(10))
          (void) world_.frames().take_message(world_.below(waiting));
        else
          world_.deliver_message(world_.below(waiting));
      }
    // Nobody reads a message that is so late.
    while (world_.frames().messages() > 50 * some)
      (void) world_.frames().take_message(0);
    for (auto n = world_.below(some); n != 0; --n)
      deliver();
  }

  // -- nodes ------------------------------------------------------------------

  void sync() { touched(any()).sync(); }

  void gossip() {
    auto a = any();
    auto b = other_than(a);
    if (a != b && !world_.is_cut(a, b))
      world_.gossip(a, b);
  }

  void collect() {
    auto& node = touched(any());
    node.collect();
    settle(node);
  }

  /// Garbage goes only when everybody has told everybody.
  void round() {
    for (auto n : world_.nodes())
      touched(n).sync();
    for (auto a : world_.nodes())
      for (auto b : world_.nodes())
        if (a != b && !world_.is_cut(a, b))
          world_.gossip(a, b);
    for (auto n : world_.nodes()) {
      world_.node(n).collect();
      settle(world_.node(n));
    }
  }

  void wait() {
    world_.pass(std::chrono::seconds{20 + world_.below(600)});
    for (auto n : world_.nodes())
      touched(n).tick();
  }

  void crash() {
    auto n = any();
    drop_links(n);
    touched(n).crash(world_.below(3));
  }

  void lose_power() {
    auto n = any();
    drop_links(n);
    touched(n).lose_power(world_.below(3), world_.below(6));
  }

  void drop_links(node_no n) {
    for (auto other : world_.nodes())
      if (other != n) {
        world_.links().cut(n, other);
        world_.node(other).on_cut(world_.node(n).store());
      }
  }

  void lose_disk() {
    if (world_.nodes().size() < 3)
      return;
    auto gone = any();
    drop_links(gone);
    auto fresh = world_.add_node();
    world_.touch(fresh);
    world_.remove_node(gone, fresh);
  }

  void join() {
    auto most = has_many_nodes(options_) ? 12 : options_.nodes_max;
    if (world_.nodes().size() < std::max<std::size_t>(6, most))
      world_.touch(world_.add_node());
  }

  void remove() {
    if (world_.nodes().size() < 4)
      return;
    auto gone = any();
    drop_links(gone);
    world_.remove_node(gone, other_than(gone));
  }

  /// In order: only with proof that nothing is here alone.
  void leave() {
    auto& node = world_.node(any());
    if (world_.nodes().size() < 3 || node.uncommitted() != 0)
      return;
    auto& core = node.core();
    auto& rows = core.rows();
    auto others = core.members().others();
    auto is_known = std::all_of(others.begin(), others.end(), [&](auto m) {
      auto row = rows.find(m);
      return row != rows.end() && row->second.covers(core.state().base());
    });
    for (auto& column : core.state().clock())
      is_known &= column.dots.exceptions().empty();
    if (others.empty() || !is_known)
      return;
    for (auto& [key, history] : node.histories()) {
      event_set elsewhere;
      for (auto n : world_.nodes())
        if (n != node.number())
          if (auto found = world_.node(n).histories().find(key);
              found != world_.node(n).histories().end())
            elsewhere.unite(found->second);
      auto alone = history;
      alone.subtract(world_.loose());
      if (!elsewhere.includes(alone))
        throw broken_rule("R6: a node that left in order took a write along");
    }
    auto gone = node.number();
    drop_links(gone);
    world_.remove_node(gone, other_than(gone));
  }

  /// Of one by one, or, so that garbage goes at once, by all who see it.
  void evict() {
    auto lost = any();
    auto all = chance(50);
    for (auto a : world_.nodes()) {
      if (a == lost || (!all && !chance(30)))
        continue;
      world_.node(a).core().evict(world_.node(lost).store());
      world_.say(a, [&] { return "evicts node " + std::to_string(lost); });
    }
    if (all)
      round();
  }

  void back_up() {
    auto n = any();
    backups_.insert_or_assign(n, world_.node(n).image());
  }

  void restore() {
    auto n = any();
    auto kept = backups_.find(n);
    if (kept == backups_.end())
      return;
    drop_links(n);
    touched(n).restore(kept->second);
  }

  schedule_options options_;
  world world_;
  std::size_t linger_percent_ = 0;
  bool one_way_ = false;
  bool drops_much_ = false;
  std::map<node_no, persistence::write_batch> backups_;
};

} // namespace

schedule_result run_schedule(const schedule_options& options) {
  schedule_result result;
  schedule run{options};
  try {
    run.run();
  } catch (const std::exception& why) {
    result.broken = why.what();
  }
  result.broadcast = run.where().counted();
  result.history = run.where().history();
  result.events = run.where().truth().size();
  for (auto n : run.where().nodes()) {
    auto& c = run.where().node(n).core().counters();
    result.counted.writes += c.writes;
    result.counted.frames_applied += c.frames_applied;
    result.counted.pulls += c.pulls;
    result.counted.range_pulls += c.range_pulls;
    result.counted.broken_pulls += c.broken_pulls;
    result.counted.conflicts += c.conflicts;
  }
  return result;
}

} // namespace hetzel::test
