/// Question: what does the session core cost per PUBLISH, coming in through
/// `on_bytes` and going out through `deliver`?
/// Budget on one core of a 2 GHz class machine, 64 B payload: 80 ns for an
/// incoming QoS 0 or QoS 1 PUBLISH, 80 ns for a QoS 1 delivery with its PUBACK,
/// 40 ns to write a QoS 0 PUBLISH of 3.1.1.

#include "protocol/encoder.hpp"
#include "protocol/session/session.hpp"

#include <benchmark/benchmark.h>

#include <string>

namespace {

using namespace hetzel::mqtt;

constexpr auto topic_name = "sensors/hall-7/temperature";
constexpr std::size_t payload_size = 64;
constexpr int batch_size = 100;

class quiet_sink final : public session_sink {
public:
  void on_publish(const publish& packet) override {
    ++published;
    if (packet.quality != qos::at_most_once)
      core->complete_publish(packet.id, packet.quality, reason_code::success);
  }
  void on_subscribe(const subscribe&, std::span<const reason_code>) override {}
  void on_unsubscribe(const unsubscribe&) override {}
  void on_settled(const delivery&) override { ++settled; }
  void on_dropped(const delivery&, session_event) override {}
  void on_end(const session_end&) override { ++ended; }
  void count(session_event) override { ++counted; }
  void count_packet(packet_type, reason_code, bool) override { ++counted; }

  session* core = nullptr;
  std::size_t published = 0;
  std::size_t settled = 0;
  std::size_t ended = 0;
  std::size_t counted = 0;
};

connect_request request_of(protocol_version version) {
  connect_request request;
  request.packet.version = version;
  request.client_id = "bench";
  return request;
}

struct bench_session {
  explicit bench_session(protocol_version version)
    : request(request_of(version)), core(limits(), request, state, sink) {
    sink.core = &core;
    core.start(false, now);
    core.output().clear();
  }

  static session_limits limits() {
    session_limits wide;
    wide.in_flight_max_v3 = 0;
    return wide;
  }

  time_point now{std::chrono::hours{1}};
  connect_request request;
  session_state state;
  quiet_sink sink;
  session core;
};

protocol_version version_of(const benchmark::State& state) {
  return state.range(0) == 5 ? protocol_version::v5 : protocol_version::v3_1_1;
}

std::string publish_bytes(protocol_version version, qos quality) {
  std::string payload(payload_size, 'x');
  std::string out;
  for (int i = 0; i < batch_size; ++i) {
    publish packet;
    packet.quality = quality;
    packet.id = quality == qos::at_most_once ? packet_id{0}
                                             : static_cast<packet_id>(i + 1);
    packet.topic_name = topic_name;
    packet.payload = payload;
    encode(packet, version, out);
  }
  return out;
}

message_ptr make_message() {
  std::string payload(payload_size, 'x');
  message_fields fields;
  fields.topic_name = topic_name;
  fields.payload = payload;
  fields.quality = qos::at_least_once;
  return message::make(fields);
}

void receive(benchmark::State& state) {
  bench_session session{version_of(state)};
  auto quality = static_cast<qos>(state.range(1));
  auto bytes = publish_bytes(version_of(state), quality);
  for (auto _ : state) {
    bytes_view buffer = bytes;
    session.core.on_bytes(buffer, session.now);
    session.core.output().clear();
  }
  if (session.sink.ended != 0)
    state.SkipWithError("the session ended");
  state.SetItemsProcessed(static_cast<std::int64_t>(session.sink.published));
}
BENCHMARK(receive)->ArgNames({"v", "qos"})->ArgsProduct({{4, 5}, {0, 1}});

void deliver_qos_0(benchmark::State& state) {
  bench_session session{version_of(state)};
  auto message = make_message();
  for (auto _ : state) {
    for (int i = 0; i < batch_size; ++i)
      session.core.deliver({message, {}, 0, qos::at_most_once, false},
                           session.now);
    session.core.output().clear();
  }
  state.SetItemsProcessed(state.iterations() * batch_size);
}
BENCHMARK(deliver_qos_0)->ArgName("v")->Arg(4)->Arg(5);

void deliver_and_ack(benchmark::State& state) {
  bench_session session{version_of(state)};
  auto message = make_message();
  auto window = state.range(1);
  packet_id next = 1;
  std::string acks;
  for (auto _ : state) {
    acks.clear();
    for (std::int64_t i = 0; i < window; ++i) {
      session.core.deliver({message, {}, 0, qos::at_least_once, false},
                           session.now);
      const char ack[] = {0x40, 2, static_cast<char>(next >> 8),
                          static_cast<char>(next & 0xFF)};
      acks.append(ack, sizeof(ack));
      next = next == 65'535 ? packet_id{1} : static_cast<packet_id>(next + 1);
    }
    bytes_view buffer = acks;
    session.core.on_bytes(buffer, session.now);
    session.core.output().clear();
  }
  if (session.sink.ended != 0 || !session.state.outbound.empty())
    state.SkipWithError("deliveries were left");
  state.SetItemsProcessed(static_cast<std::int64_t>(session.sink.settled));
}
BENCHMARK(deliver_and_ack)
  ->ArgNames({"v", "window"})
  ->ArgsProduct({{4, 5}, {1, 20, 1000}});

void write_publish_v3(benchmark::State& state) {
  output_buffer out;
  delivery item{make_message(), {}, 0, qos::at_most_once, false};
  publish_form form;
  form.version = protocol_version::v3_1_1;
  for (auto _ : state) {
    for (int i = 0; i < batch_size; ++i)
      write_publish(out, item, form, plan_publish(item, form, {}));
    out.clear();
  }
  state.SetItemsProcessed(state.iterations() * batch_size);
}
BENCHMARK(write_publish_v3);

void make_messages(benchmark::State& state) {
  std::string payload(payload_size, 'x');
  message_fields fields;
  fields.topic_name = topic_name;
  fields.payload = payload;
  std::vector<message_ptr> made(static_cast<std::size_t>(state.range(0)));
  for (auto _ : state) {
    for (auto& slot : made)
      slot = message::make(fields);
    for (auto& slot : made)
      slot = {};
  }
  state.SetItemsProcessed(state.iterations() * state.range(0));
}
BENCHMARK(make_messages)->Arg(1)->Arg(20)->Arg(1000);

} // namespace

BENCHMARK_MAIN();
