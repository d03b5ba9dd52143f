/// How long does the codec hold up one message?
///
/// Budgets, of an otherwise idle core: next_frame and decode_publish of a 64 B
/// QoS 1 PUBLISH with a topic name of 20 bytes together ≤ 30 ns, the PUBACK
/// that answers it ≤ 10 ns each way, checking the topic name ≤ 10 ns.

#include "protocol/decoder.hpp"
#include "protocol/encoder.hpp"
#include "protocol/topic.hpp"

#include <benchmark/benchmark.h>

#include <cstdint>
#include <string>

namespace hetzel::mqtt {

namespace {

constexpr bytes_view topic_of_20 = "site/7/boiler/temp/C";

enum class with { nothing, alias, user_property };

std::string publish_bytes(protocol_version version, with what = with::nothing) {
  std::string properties;
  std::string payload(64, 'x');
  std::string out;
  publish packet;
  packet.quality = qos::at_least_once;
  packet.id = 4711;
  packet.topic_name = topic_of_20;
  packet.payload = payload;
  if (what == with::alias) {
    packet.topic_name = {};
    packet.topic_alias = 7;
  }
  if (what == with::user_property)
    property_writer(properties)
      .value(property_id::content_type, "text/plain")
      .user_property("unit", "celsius");
  packet.properties = property_view(properties);
  encode(packet, version, out);
  return out;
}

void decode_publish_loop(benchmark::State& state, protocol_version version,
                         with what) {
  auto bytes = publish_bytes(version, what);
  for (auto _ : state) {
    bytes_view buffer = bytes;
    benchmark::DoNotOptimize(buffer);
    auto found = next_frame(buffer, 1'000'000);
    auto packet = decode_publish(**found, version);
    benchmark::DoNotOptimize(packet);
  }
}

void encode_publish_loop(benchmark::State& state, protocol_version version) {
  auto bytes = publish_bytes(version);
  auto packet = decode_publish(**next_frame(bytes, 1'000'000), version);
  std::string out;
  out.reserve(4096);
  for (auto _ : state) {
    out.clear();
    encode(*packet, version, out);
    benchmark::DoNotOptimize(out.data());
  }
}

void decode_puback_loop(benchmark::State& state) {
  std::string bytes;
  encode_reply(packet_type::puback, {4711, {}, {}}, protocol_version::v5,
               bytes);
  for (auto _ : state) {
    bytes_view buffer = bytes;
    benchmark::DoNotOptimize(buffer);
    auto found = next_frame(buffer, 1'000'000);
    auto packet = decode_publish_reply(**found, protocol_version::v5);
    benchmark::DoNotOptimize(packet);
  }
}

void encode_puback_loop(benchmark::State& state) {
  std::string out;
  out.reserve(4096);
  for (auto _ : state) {
    out.clear();
    encode_reply(packet_type::puback, {4711, {}, {}}, protocol_version::v5,
                 out);
    benchmark::DoNotOptimize(out.data());
  }
}

void check_topic_name_loop(benchmark::State& state) {
  for (auto _ : state) {
    auto name = topic_of_20;
    benchmark::DoNotOptimize(name);
    benchmark::DoNotOptimize(check_topic_name(name, {}));
  }
}

void utf8_loop(benchmark::State& state, bytes_view text) {
  for (auto _ : state) {
    benchmark::DoNotOptimize(text);
    benchmark::DoNotOptimize(is_valid_utf8(text));
  }
}

void matches_loop(benchmark::State& state) {
  bytes_view filter = "site/+/boiler/#";
  for (auto _ : state) {
    auto name = topic_of_20;
    benchmark::DoNotOptimize(name);
    benchmark::DoNotOptimize(matches(filter, name));
  }
}

void decode_subscribe_loop(benchmark::State& state) {
  subscribe packet{1, 0, {}, {}};
  packet.entries.assign(8, {"site/+/boiler/#", {qos::at_least_once}});
  std::string bytes;
  encode(packet, protocol_version::v5, bytes);
  for (auto _ : state) {
    auto found = next_frame(bytes, 1'000'000);
    benchmark::DoNotOptimize(decode(**found, protocol_version::v5));
  }
}

constexpr auto v3 = protocol_version::v3_1_1;
constexpr auto v5 = protocol_version::v5;

BENCHMARK_CAPTURE(decode_publish_loop, v3_1_1, v3, with::nothing);
BENCHMARK_CAPTURE(decode_publish_loop, v5, v5, with::nothing);
BENCHMARK_CAPTURE(decode_publish_loop, v5_alias, v5, with::alias);
BENCHMARK_CAPTURE(decode_publish_loop, v5_properties, v5, with::user_property);
BENCHMARK_CAPTURE(encode_publish_loop, v3_1_1, v3);
BENCHMARK_CAPTURE(encode_publish_loop, v5, v5);
BENCHMARK(decode_puback_loop);
BENCHMARK(encode_puback_loop);
BENCHMARK(check_topic_name_loop);
BENCHMARK_CAPTURE(utf8_loop, ascii_20, topic_of_20);
BENCHMARK_CAPTURE(utf8_loop, umlaut_20, "Gebäude/7/Kessel/°C");
BENCHMARK(matches_loop);
BENCHMARK(decode_subscribe_loop);

} // namespace

} // namespace hetzel::mqtt

BENCHMARK_MAIN();
