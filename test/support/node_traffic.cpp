#include "test/support/node_traffic.hpp"

#include <chrono>
#include <utility>

namespace hetzel::test {

namespace {

using mqtt::packet_type;
using mqtt::qos;

constexpr std::chrono::milliseconds look_up_interval{20};

/// One PUBLISH from its first sending to its last acknowledgement, over as many
/// connections as it takes.
class transmission {
public:
  transmission(messaging_client& client, traffic_ledger& to,
               std::uint64_t number, bool retain)
    : client_(client), payload_(std::to_string(number)) {
    packet_.retain = retain;
    packet_.quality = to.quality;
    packet_.topic_name = to.topic_name;
    packet_.payload = payload_;
    if (to.quality != qos::at_most_once)
      packet_.id = client.next_id();
  }

  /// False: the server refused it, so it is to be sent anew. Throws when the
  /// connection breaks; then go on with another one.
  bool advance() {
    if (!is_received_) {
      client_.send(packet_);
      packet_.dup = packet_.quality != qos::at_most_once;
      if (packet_.quality == qos::at_most_once) {
        client_.ping();
        return true;
      }
      const bool is_last = packet_.quality == qos::at_least_once;
      const auto answer
        = client_.expect(is_last ? packet_type::puback : packet_type::pubrec);
      if (mqtt::is_error(answer.code))
        return packet_.dup = false;
      if (is_last)
        return true;
      is_received_ = true;
    }
    client_.send(mqtt::pubrel{{packet_.id, {}, {}}});
    client_.expect(packet_type::pubcomp);
    return true;
  }

private:
  messaging_client& client_;
  std::string payload_;
  mqtt::publish packet_;
  bool is_received_ = false;
};

} // namespace

// -- ledger ------------------------------------------------------------------

void traffic_ledger::note_acknowledged(std::uint64_t number) {
  const std::lock_guard guard{mutex_};
  acknowledged_ = number + 1;
}

void traffic_ledger::note_received(std::uint64_t number) {
  const std::lock_guard guard{mutex_};
  const bool is_late
    = is_ordered_ && !received_.empty() && number < received_.rbegin()->first;
  const auto times = ++received_[number];
  if (times == 1 && is_late)
    fault_ = topic_name + ": " + std::to_string(number) + " came late";
  if (times > 1 && quality != qos::at_least_once)
    fault_ = topic_name + ": " + std::to_string(number) + " came twice";
}

std::size_t traffic_ledger::acknowledged() const {
  const std::lock_guard guard{mutex_};
  return acknowledged_;
}

std::size_t traffic_ledger::received() const {
  const std::lock_guard guard{mutex_};
  return received_.size();
}

std::size_t traffic_ledger::missing() const {
  const std::lock_guard guard{mutex_};
  if (quality == qos::at_most_once)
    return 0;
  const auto end = received_.lower_bound(acknowledged_);
  return acknowledged_
         - static_cast<std::size_t>(std::distance(received_.begin(), end));
}

std::string traffic_ledger::fault() const {
  const std::lock_guard guard{mutex_};
  return fault_;
}

// -- clients -----------------------------------------------------------------

client_options traffic_client(std::string client_id) {
  return {.client_id = std::move(client_id),
          .clean_start = false,
          .session_expiry = 0xFFFF'FFFF};
}

node_traffic::~node_traffic() {
  stop_publishing();
  stop_receiving();
}

traffic_ledger& node_traffic::open(std::string topic_name, qos quality,
                                   bool is_ordered) {
  return *ledgers_.emplace_back(std::make_unique<traffic_ledger>(
    std::move(topic_name), quality, is_ordered));
}

void node_traffic::add_publisher(std::string client_id, traffic_ledger& to,
                                 bool retain) {
  messaging_client{port_, traffic_client(client_id)}.disconnect();
  run(&node_traffic::publish_on, std::move(client_id), to, retain,
      publishers_);
}

void node_traffic::add_subscriber(std::string client_id, traffic_ledger& of,
                                  std::string topic_filter) {
  messaging_client client{port_, traffic_client(client_id)};
  client.subscribe(topic_filter.empty() ? of.topic_name : topic_filter,
                   {of.quality});
  client.disconnect();
  run(&node_traffic::receive_on, std::move(client_id), of, false,
      subscribers_);
}

void node_traffic::run(void (node_traffic::*role)(const std::string&,
                                                  traffic_ledger&, bool),
                       std::string client_id, traffic_ledger& ledger,
                       bool retain, std::vector<std::thread>& among) {
  among.emplace_back([=, this, &ledger, id = std::move(client_id)] {
    try {
      (this->*role)(id, ledger, retain);
    } catch (const std::exception& failure) {
      note_fault(id + ": " + failure.what());
    }
  });
}

void node_traffic::publish_on(const std::string& client_id, traffic_ledger& to,
                              bool retain) {
  messaging_client client{port_};
  reconnect(client, client_id);
  for (std::uint64_t number = 0; publishes_; ++number) {
    transmission one{client, to, number, retain};
    for (bool is_done = false; !is_done;) {
      try {
        is_done = one.advance();
      } catch (const connection_lost&) {
        reconnect(client, client_id);
      }
    }
    to.note_acknowledged(number);
  }
}

void node_traffic::receive_on(const std::string& client_id, traffic_ledger& of,
                              bool) {
  messaging_client client{port_};
  reconnect(client, client_id);
  while (receives_) {
    try {
      if (const auto packet = client.next_within(look_up_interval))
        of.note_received(std::stoull(packet->payload));
    } catch (const connection_lost&) {
      reconnect(client, client_id);
    }
  }
}

void node_traffic::reconnect(messaging_client& client,
                             const std::string& client_id) {
  const auto deadline
    = std::chrono::steady_clock::now() + messaging_client::patience;
  while (true) {
    try {
      const auto answer = client.connect(traffic_client(client_id));
      if (answer.code == mqtt::reason_code::success) {
        if (!answer.session_present)
          note_fault(client_id + " lost its Session");
        return;
      }
    } catch (const connection_lost&) {
      if (std::chrono::steady_clock::now() > deadline)
        throw;
    }
    std::this_thread::yield();
  }
}

void node_traffic::note_fault(std::string what) {
  const std::lock_guard guard{mutex_};
  faults_ += what + "; ";
}

std::string node_traffic::faults() const {
  const std::lock_guard guard{mutex_};
  auto all = faults_;
  for (const auto& ledger : ledgers_)
    if (const auto fault = ledger->fault(); !fault.empty())
      all += fault + "; ";
  return all;
}

void node_traffic::stop_publishing() {
  publishes_ = false;
  for (auto& one : std::exchange(publishers_, {}))
    one.join();
}

void node_traffic::stop_receiving() {
  receives_ = false;
  for (auto& one : std::exchange(subscribers_, {}))
    one.join();
}

} // namespace hetzel::test
