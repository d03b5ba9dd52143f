#include "test/simulation/directed.hpp"

#include <doctest/doctest.h>

#include <functional>
#include <string>

namespace directed_test {

using namespace hetzel::test;
using hetzel::cluster::pull_mode;
using hetzel::cluster::replica_faults;

namespace {

/// The rule that a story breaks; empty when it breaks none.
std::string told(stage_options options,
                 const std::function<void(stage&)>& story) {
  try {
    stage where{options};
    story(where);
    where.world().check();
  } catch (const std::exception& why) {
    return why.what();
  }
  return {};
}

using rule = bool replica_faults::*;

/// The story is fine with the rule and is not without.
void needs(rule which, const std::string& broken, stage_options options,
           const std::function<void(stage&)>& story) {
  CHECK(told(options, story) == "");
  options.faults.*which = true;
  auto without = told(options, story);
  CHECK_MESSAGE(without.starts_with(broken), without);
}

/// Node 0 puts k0, which all get, and deletes it, which node 1 gets; node 0
/// has given the others up and forgets about the delete.
void forget_a_delete(stage& where) {
  where.put(0, "k0");
  where.deliver_all();
  where.erase(0, "k0");
  where.deliver(0, 1);
  where.lose_frames();
  where.give_up_all_but(0, 1);
  where.collect(0);
}

} // namespace

TEST_CASE("a write that comes late must not be taken during a range pull: it "
          "would revive what was deleted") {
  needs(&replica_faults::apply_writes_in_range_pull, "R1", {.nodes = 3},
        [](stage& where) {
          where.put(0, "k0");
          auto late = where.take(0, 2);
          where.deliver(0, 1);
          where.erase(0, "k0");
          where.deliver(0, 1);
          where.lose_frames();
          where.give_up_all_but(0, 1);
          where.collect(0);
          where.start_pull(2, 0, pull_mode::range);
          where.step_until_range_frame(2);
          where.hand_over(late);
          where.finish_pulls();
        });
}

TEST_CASE("what only records know after a range pull broke off must be "
          "levelled when all who held the event are lost") {
  auto story = [](stage& where) {
    forget_a_delete(where);
    where.start_pull(3, 0, pull_mode::range);
    where.step_until_range_frame(3);
    where.world().links().clear();
    where.world().node(3).core().stop_pull();
    where.lose_node(0, 2);
    where.lose_node(1, 2);
    where.world().come_to_rest();
  };
  CHECK(told({.nodes = 4}, story) == "");
  auto without = told({.nodes = 4, .skip_levelling = true}, story);
  CHECK_MESSAGE(without.starts_with("R6"), without);
}

TEST_CASE("who is behind the prune floor is not served dots: deletes that were "
          "forgotten would be claimed and never told") {
  needs(&replica_faults::ignore_floor, "I6", {.nodes = 3}, [](stage& where) {
    forget_a_delete(where);
    where.world().pull(2, 0, pull_mode::dots);
    CHECK(where.world().node(2).visible().empty());
  });
}

TEST_CASE("a range pull takes the responder's floor along: what it learnt "
          "without dots it cannot serve") {
  needs(&replica_faults::leave_floor, "R1", {.nodes = 4}, [](stage& where) {
    forget_a_delete(where);
    where.world().pull(2, 0, pull_mode::dots);
    where.world().pull(3, 2, pull_mode::dots);
    CHECK(where.world().node(3).visible().empty());
  });
}

TEST_CASE("frames of a pull name their dots, or deletes could not be passed "
          "on") {
  needs(&replica_faults::take_version_dots, "I6", {.nodes = 3},
        [](stage& where) {
          where.put(0, "k0");
          where.deliver_all();
          where.erase(0, "k0");
          where.lose_frames();
          where.world().pull(1, 0, pull_mode::dots);
          where.world().pull(2, 1, pull_mode::dots);
          CHECK(where.world().node(2).visible().empty());
        });
}

TEST_CASE("a graft lists all missing dots of a key, or part of the record is "
          "passed on to nobody") {
  needs(&replica_faults::list_some_dots, "I6", {.nodes = 4},
        [](stage& where) {
          where.put(0, "k0");
          where.deliver(0, 3);
          where.erase(0, "k0");
          where.deliver(0, 3);
          where.put(0, "k0");
          where.lose_frames();
          where.world().pull(2, 0, pull_mode::graft);
          where.world().pull(3, 2, pull_mode::dots);
        });
}

TEST_CASE("a graft minds the floor, or it strands what was forgotten in a "
          "record") {
  needs(&replica_faults::ignore_floor_in_graft, "I6", {.nodes = 5},
        [](stage& where) {
          where.put(0, "k0");
          where.deliver(0, 1);
          where.erase(1, "k0");
          where.deliver(1, 0);
          where.lose_frames();
          where.give_up_all_but(0, 1);
          where.collect(0);
          where.put(2, "k0");
          where.deliver(2, 0);
          where.deliver(2, 3);
          where.lose_frames();
          where.world().node(4).start_pull(where.world().node(0).store(),
                                           pull_mode::graft);
          where.finish_pulls();
          where.world().pull(3, 4, pull_mode::dots);
        });
}

TEST_CASE("records and clock of a pull are of one moment, or contexts have "
          "holes") {
  needs(&replica_faults::read_live_records, "R2",
        {.nodes = 2, .frame_items = 1, .window = 1}, [](stage& where) {
          where.put(0, "k0");
          where.put(0, "k1");
          where.lose_frames();
          where.start_pull(1, 0, pull_mode::dots);
          where.step(1);
          where.erase(0, "k1");
          where.lose_frames();
          where.finish_pulls();
        });
}

TEST_CASE("a pull takes the whole clock over, or columns of who is gone keep "
          "their gaps") {
  needs(&replica_faults::merge_own_column_only, "R", {.nodes = 3},
        [](stage& where) {
          where.put(0, "k0");
          where.deliver(0, 1);
          where.put(1, "k0");
          where.lose_frames();
          where.lose_node(0, 1);
          where.world().come_to_rest();
        });
}

TEST_CASE("after a power loss another actor counts, or dots are used twice") {
  needs(&replica_faults::keep_regressed_actor, "R4",
        {.nodes = 2, .synced = false}, [](stage& where) {
          where.put(0, "k0");
          where.deliver(0, 1);
          where.world().node(0).lose_power(0, 0);
          where.put(0, "k1");
          where.world().come_to_rest();
        });
}

TEST_CASE("a pull may break off after any message [R11]") {
  for (auto mode : {pull_mode::dots, pull_mode::range, pull_mode::graft})
    for (std::size_t messages = 0; messages < 24; ++messages)
      CHECK(told({.nodes = 3, .frame_items = 1, .window = 2},
                 [&](stage& where) {
                   for (auto key : {"k0", "k1", "k2"})
                     where.put(0, key);
                   where.deliver_all();
                   where.erase(0, "k1");
                   where.put(1, "k0");
                   where.put(2, "k2");
                   where.lose_frames();
                   where.start_pull(1, 0, mode);
                   where.step(messages);
                   where.world().cut(0, 1);
                   where.world().check();
                   where.world().pull(2, 1, pull_mode::dots);
                   where.world().check();
                   where.world().come_to_rest();
                 })
            == "");
}

TEST_CASE("a member that was given up comes back after any time [R12]") {
  for (auto writes = 0; writes < 12; ++writes)
    CHECK(told({.nodes = 3, .sweep_max = 2},
               [&](stage& where) {
                 where.put(0, "k0");
                 where.put(2, "k1");
                 where.deliver_all();
                 where.give_up_all_but(0, 1);
                 for (auto w = 0; w < writes; ++w) {
                   if (w % 3 == 1)
                     where.erase(0, "k0");
                   else
                     where.put(w % 2 == 0 ? 0 : 1, w % 3 == 0 ? "k0" : "k1");
                   where.deliver(0, 1);
                   where.deliver(1, 0);
                   where.lose_frames();
                   where.tell_all_of({0, 1});
                   where.collect(0);
                 }
                 where.put(2, "k2");
                 where.world().come_to_rest();
                 CHECK(where.world().node(0).visible().contains("k2"));
               })
          == "");
}

TEST_CASE("a node may be restored from a backup of any age [R13]") {
  for (auto age = 0; age < 10; ++age)
    CHECK(told({.nodes = 3},
               [&](stage& where) {
                 auto kept = where.world().node(1).image();
                 for (auto w = 0; w < 10; ++w) {
                   if (w == age)
                     kept = where.world().node(1).image();
                   where.put(1, w % 2 == 0 ? "k0" : "k1");
                   if (w % 4 == 3)
                     where.erase(1, "k0");
                   where.deliver_all();
                   where.tell_all_of({0, 1, 2});
                   where.collect(0);
                   where.collect(1);
                 }
                 where.world().node(1).restore(kept);
                 where.put(1, "k2");
                 where.world().come_to_rest();
                 CHECK(where.world().node(0).visible().contains("k2"));
               })
          == "");
}

} // namespace directed_test
