#include "actors/node/node.hpp"

#include "actors/messaging/subscriber_key.hpp"
#include "test/support/node_fixture.hpp"
#include "test/support/node_traffic.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <map>
#include <set>
#include <string>

namespace supervision_test {

using namespace hetzel;
using hetzel::runtime::tree_node;
using hetzel::test::connection_lost;
using hetzel::test::entry_of;
using hetzel::test::is_complete;
using hetzel::test::label_of;
using hetzel::test::messaging_client;
using hetzel::test::node_fixture;
using hetzel::test::node_probe;
using hetzel::test::node_traffic;
using hetzel::test::traffic_client;

namespace {

constexpr auto qos_0 = mqtt::qos::at_most_once;
constexpr auto qos_1 = mqtt::qos::at_least_once;
constexpr auto qos_2 = mqtt::qos::exactly_once;

std::string id_on(std::size_t reactor, const std::string& stem) {
  for (int i = 0;; ++i) {
    auto id = stem + '-' + std::to_string(i);
    if (messaging::subscriber_key{"", id}.hash() % 2 == reactor)
      return id;
  }
}

/// How often each label occurs, sessions and queues aside.
std::map<std::string, int> standing(const tree_node& tree) {
  std::map<std::string, int> found;
  runtime::for_each_node(tree, [&](const tree_node& one, std::size_t) {
    const auto label = label_of(one);
    if (label != "messaging.session" && label != "messaging.queue")
      ++found[label];
  });
  return found;
}

/// Failures of sessions and queues that registrars have counted.
std::uint64_t failures(const tree_node& tree) {
  std::uint64_t sum = 0;
  runtime::for_each_node(tree, [&](const tree_node& one, std::size_t) {
    if (const auto text = entry_of(one, "failures"); !text.empty())
      sum += std::stoull(text);
  });
  return sum;
}

/// Whether the parent of `doomed` has counted its end.
bool is_counted(const tree_node& before, const tree_node& now,
                const tree_node& doomed) {
  if (doomed.listing.name.empty())
    return failures(now) == failures(before) + 1;
  bool counted = false;
  runtime::for_each_node(now, [&](const tree_node& one, std::size_t) {
    if (one.listing.name == doomed.listing.name
        && one.description.parent == doomed.description.parent)
      counted = one.listing.restarts == doomed.listing.restarts + 1
                && one.description.restarts == one.listing.restarts
                && one.description.last_failure == "killed";
  });
  return counted;
}

/// The last one of each label that is not in `but`, the root aside. Of sessions
/// and queues, those of the client that is there to lose them.
std::vector<tree_node> victims(const tree_node& tree,
                               const std::set<std::string>& but) {
  std::map<std::string, tree_node> found;
  runtime::for_each_node(tree, [&](const tree_node& one, std::size_t depth) {
    const auto owner = entry_of(one, "client_id");
    if (depth > 0 && !but.contains(label_of(one))
        && (owner.empty() || owner == "victim"))
      found[label_of(one)] = {one.listing, one.description, {}, {}};
  });
  std::vector<tree_node> listed;
  for (auto& [label, one] : found)
    listed.push_back(std::move(one));
  return listed;
}

/// A node with all kinds of traffic, and one client to do harm to.
struct battered_node {
  battered_node() : victim(node.client(traffic_client("victim"))) {
    for (std::size_t from = 0; from < 2; ++from)
      for (const auto quality : {qos_0, qos_1, qos_2})
        add_pair(from, quality);
    auto& work = traffic.open("work", qos_1, false);
    for (std::size_t i = 0; i < 2; ++i)
      traffic.add_subscriber(id_on(i, "worker"), work, "$share/workers/work");
    traffic.add_publisher(id_on(0, "boss"), work);
    auto& kept = traffic.open("kept", qos_1);
    traffic.add_subscriber(id_on(1, "reader"), kept);
    traffic.add_publisher(id_on(0, "writer"), kept, true);
  }

  /// From a client of one reactor to one of the other; what is QoS 1, also to
  /// one that is away.
  void add_pair(std::size_t from, mqtt::qos quality) {
    const auto name = std::to_string(from) + std::to_string(int(quality));
    auto& ledger = traffic.open("pair/" + name, quality);
    traffic.add_subscriber(id_on(1 - from, "sub" + name), ledger);
    if (quality == qos_1) {
      auto away = node.client(traffic_client("away" + name));
      away.subscribe(ledger.topic_name, {qos_1});
      away.disconnect();
    }
    traffic.add_publisher(id_on(from, "pub" + name), ledger);
  }

  /// Every topic has more messages than when this was called.
  [[nodiscard]] bool flows() {
    for (const auto& ledger : traffic.ledgers()) {
      const auto before = ledger->received();
      if (!node_probe::eventually([&] {
            static_cast<void>(node.probe.tree());
            return ledger->received() > before + 3;
          }))
        return false;
    }
    return true;
  }

  /// A new client of that reactor connects, subscribes, publishes, receives,
  /// and gets what is retained. It may have to try more than once.
  [[nodiscard]] bool serves(std::size_t reactor) {
    return node_probe::eventually([&] {
      try {
        auto client = node.client(id_on(reactor, "fresh"));
        client.subscribe("kept", {qos_1});
        if (client.next().topic_name != "kept")
          return false;
        client.unsubscribe("kept");
        client.take_messages();
        client.subscribe("fresh", {qos_2});
        client.publish("fresh", "x", qos_2);
        client.until("x");
        return true;
      } catch (const connection_lost&) {
        return false;
      }
    });
  }

  node_fixture node;
  messaging_client victim;
  node_traffic traffic{node.port()};
};

/// Kills it and looks at everything that must be as before.
void check_kill(battered_node& battered, const tree_node& doomed) {
  INFO("killed: ", label_of(doomed));
  const auto& probe = battered.node.probe;
  const auto before = probe.tree();
  node_probe::kill(doomed.listing.actor);
  tree_node now;
  CHECK(node_probe::eventually([&] {
    now = probe.tree();
    return is_complete(now) && standing(now) == standing(before)
           && is_counted(before, now, doomed);
  }));
  for (std::size_t reactor = 0; reactor < 2; ++reactor)
    CHECK(battered.serves(reactor));
  CHECK(battered.flows());
  CHECK(battered.traffic.faults().empty());
}

/// What an absent client finds when it comes back: everything that was
/// acknowledged, in order and once at the most as far as anybody can tell.
std::size_t collect(battered_node& battered, const std::string& client_id,
                    std::size_t acknowledged) {
  messaging_client client{battered.node.port()};
  CHECK(client.connect(traffic_client(client_id)).session_present);
  std::set<std::uint64_t> numbers;
  while (numbers.size() < acknowledged) {
    const auto packet = client.next_within(messaging_client::patience);
    if (!packet)
      break;
    const auto number = std::stoull(packet->payload);
    CHECK((numbers.empty() || number > *numbers.rbegin()));
    numbers.insert(number);
  }
  return numbers.size();
}

} // namespace

TEST_CASE("the node serves on, and loses nothing that it acknowledged, when "
          "any kind of actor below the root is killed under traffic") {
  battered_node battered;
  REQUIRE(battered.flows());
  std::set<std::string> killed;
  for (auto next = victims(battered.node.probe.tree(), killed); !next.empty();
       next = victims(battered.node.probe.tree(), killed)) {
    check_kill(battered, next.front());
    killed.insert(label_of(next.front()));
    battered.victim = battered.node.client(traffic_client("victim"));
  }

  // The walk has seen all there is; what comes later must come to this list.
  CHECK(killed
        == std::set<std::string>{
          "admin.control_server", "cluster.metadata_group",
          "messaging.courier", "messaging.hook_caller",
          "messaging.journal_keeper", "messaging.overload_monitor",
          "messaging.queue",
          "messaging.registrar", "messaging.retained_shard",
          "messaging.session", "messaging.store_writer",
          "messaging.subscription_shard",
          "net.connect_gate", "net.listener", "net.listener_keeper",
          "node.checkpointer", "plugins.host",
          "runtime.supervisor admin", "runtime.supervisor listeners",
          "runtime.supervisor messaging", "runtime.supervisor metadata",
          "runtime.supervisor reactor", "runtime.supervisor retained",
          "runtime.supervisor storage", "runtime.supervisor subscriptions"});

  battered.traffic.stop_publishing();
  for (const auto& ledger : battered.traffic.ledgers()) {
    INFO("topic: ", ledger->topic_name);
    CHECK(node_probe::eventually([&] {
      static_cast<void>(battered.node.probe.tree());
      return ledger->missing() == 0;
    }));
    if (ledger->quality == qos_1 && ledger->topic_name.starts_with("pair"))
      CHECK(collect(battered, "away" + ledger->topic_name.substr(5),
                    ledger->acknowledged())
            == ledger->acknowledged());
  }
  battered.traffic.stop_receiving();
  CHECK(battered.traffic.faults() == "");
}

} // namespace supervision_test
