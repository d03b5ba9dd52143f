#include "protocol/encoder.hpp"
#include "test/support/session_stage.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <memory>
#include <string>
#include <utility>
#include <vector>

/// Any order of what a client may send and a broker may do, under the judge of
/// `session_stage`: bytes as they are or whole packets, deliveries, answers
/// early and late, time, breaks and new connections. Three bytes choose the
/// limits; then each step is a byte and its arguments. `session_corpus.py`
/// writes the same form.

using namespace hetzel;
using namespace hetzel::mqtt;

namespace {

/// The bytes of one input. Past its end it gives zeros.
class fuzz_input {
public:
  explicit fuzz_input(bytes_view bytes) : rest_(bytes) {}

  [[nodiscard]] bool empty() const { return rest_.empty(); }

  unsigned byte() {
    if (rest_.empty())
      return 0;
    auto value = static_cast<unsigned char>(rest_.front());
    rest_.remove_prefix(1);
    return value;
  }

  bytes_view bytes(std::size_t count) {
    auto taken = rest_.substr(0, count);
    rest_.remove_prefix(taken.size());
    return taken;
  }

  template <class Choices>
  auto choice(const Choices& choices) {
    return choices[byte() % std::size(choices)];
  }

private:
  bytes_view rest_;
};

constexpr protocol_version versions[]
  = {protocol_version::v3_1, protocol_version::v3_1_1, protocol_version::v5};

constexpr bytes_view topic_names[] = {"t", "a/b", "sensors/hall-7", "x", "#",
                                      ""};
constexpr bytes_view auth_data[] = {"ok", "step", "no", "odd", "long", ""};
constexpr std::size_t payload_sizes[] = {0, 1, 20, 60, 300, 20'000};
constexpr reason_code publish_codes[]
  = {reason_code::success, reason_code::no_matching_subscribers,
     reason_code::quota_exceeded, reason_code::not_authorized};
constexpr reason_code request_codes[]
  = {reason_code::success, reason_code::not_authorized};

session_limits limits_of(fuzz_input& in) {
  constexpr std::size_t packet_sizes[] = {4096, 64, 256, packet_size_limit};
  constexpr std::uint16_t windows[] = {20, 1, 2, 0, 65'535};
  constexpr std::uint16_t counts[] = {0, 1, 3, 65'535};
  session_limits limits;
  auto sizes = in.byte();
  auto flow = in.byte();
  auto more = in.byte();
  limits.packet_size_max = packet_sizes[sizes % 4];
  limits.in_flight_max_v3 = windows[sizes / 4 % 5];
  limits.receive_maximum_server = std::max<std::uint16_t>(1, counts[flow % 4]);
  limits.receive_maximum_client
    = std::max<std::uint16_t>(1, counts[flow / 4 % 4]);
  limits.topic_alias_maximum_in = counts[flow / 16 % 4];
  limits.topic_alias_maximum_out = counts[flow / 64 % 4];
  if ((more & 1U) != 0)
    limits.keep_alive_max = std::chrono::seconds{10};
  if ((more & 2U) != 0)
    limits.response_information = "response/here";
  if ((more & 4U) != 0)
    limits.retry_interval = std::chrono::seconds{0};
  limits.allowed_versions.v3_1_1_bridge = (more & 8U) != 0;
  limits.connect_size_max = 1024;
  return limits;
}

class fuzz_run {
public:
  explicit fuzz_run(bytes_view bytes) : in_(bytes), stage_(limits_of(in_)) {}

  void run() {
    while (!in_.empty())
      step();
  }

private:
  void step();
  void connect();
  void deliver();
  void publish();
  void reply();
  void request();
  void advance();
  void change_manners();
  void send(const control_packet& packet);

  fuzz_input in_;
  test::session_stage stage_;
  protocol_version version_ = protocol_version::v5; // of the last `connect`
};

void fuzz_run::step() {
  switch (in_.byte() % 13) {
  case 0:
    return stage_.receive(in_.bytes(in_.byte()));
  case 1:
    return connect();
  case 2:
    return deliver();
  case 3:
    return publish();
  case 4:
    return reply();
  case 5:
    return request();
  case 6:
    return advance();
  case 7:
    return change_manners();
  case 8: {
    auto which = in_.byte();
    return stage_.complete_publish(which, in_.choice(publish_codes));
  }
  case 9:
    return stage_.complete_request(in_.choice(request_codes));
  case 10:
    return stage_.hold(in_.byte() % 2 != 0);
  case 11:
    return stage_.break_transport();
  default:
    return stage_.end(static_cast<reason_code>(in_.byte()));
  }
}

// Usually on a new connection; a second CONNECT is possible too.
void fuzz_run::connect() {
  auto options = in_.byte();
  mqtt::connect packet;
  packet.version = versions[options % 3];
  packet.clean_start = (options & 4U) != 0;
  packet.client_id = (options & 8U) != 0 ? "" : "client";
  packet.keep_alive = std::chrono::seconds{(options & 16U) != 0 ? 10 : 0};
  packet.is_bridge = (options & 32U) != 0;
  if ((options & 64U) == 0)
    stage_.break_transport();
  std::string coded;
  property_writer properties{coded};
  auto given = (options & 128U) != 0 ? in_.byte() : 0U;
  if ((given & 1U) != 0)
    properties.integer(property_id::receive_maximum, 1 + in_.byte());
  if ((given & 2U) != 0)
    properties.integer(property_id::maximum_packet_size, 1 + in_.byte());
  if ((given & 4U) != 0)
    properties.integer(property_id::topic_alias_maximum, in_.byte());
  if ((given & 8U) != 0)
    properties.integer(property_id::request_problem_information, 0);
  if ((given & 16U) != 0)
    properties.value(property_id::authentication_method, "steps")
      .value(property_id::authentication_data, in_.choice(auth_data));
  if ((given & 32U) != 0)
    properties.integer(property_id::session_expiry_interval, in_.byte());
  if ((given & 64U) != 0)
    properties.integer(property_id::request_response_information, 1);
  packet.properties = property_view{coded};
  version_ = packet.version;
  send(packet);
}

void fuzz_run::deliver() {
  auto options = in_.byte();
  std::string payload(in_.choice(payload_sizes), 'p');
  message_fields fields;
  fields.topic_name = topic_names[options / 64];
  fields.payload = payload;
  if ((options & 8U) != 0)
    fields.expires_at = stage_.now() + std::chrono::milliseconds{100}
                                         * static_cast<int>(in_.byte());
  if ((options & 16U) != 0)
    fields.properties = {"\x03\0\1c\x26\0\1k\0\1v", 11};
  delivery item{message::make(fields), {}, 0, static_cast<qos>(options % 3),
                (options & 4U) != 0};
  if ((options & 32U) != 0)
    item.ids = std::make_shared<const std::vector<std::uint32_t>>(
      std::vector<std::uint32_t>{1, 300});
  stage_.deliver(item);
}

// Ids from 1 to 8: they meet again.
void fuzz_run::publish() {
  auto options = in_.byte();
  mqtt::publish packet;
  packet.quality = static_cast<qos>(options % 3);
  packet.dup = (options & 4U) != 0 && packet.quality != qos::at_most_once;
  packet.retain = (options & 8U) != 0;
  if (packet.quality != qos::at_most_once)
    packet.id = static_cast<packet_id>(1 + options / 32);
  packet.topic_name = in_.choice(topic_names);
  if ((options & 16U) != 0) {
    auto hop = in_.byte();
    packet.topic_alias = static_cast<std::uint16_t>(hop % 5);
    if (hop >= 128)
      packet.expiry_interval = std::chrono::seconds{hop};
  }
  send(packet);
}

void fuzz_run::reply() {
  auto options = in_.byte();
  publish_reply packet;
  packet.id = static_cast<packet_id>(1 + options / 8 % 16);
  auto is_refusal = options >= 128;
  if (is_refusal)
    packet.code = reason_code::quota_exceeded;
  switch (options % 4) {
  case 0:
    return send(puback{packet});
  case 1:
    return send(pubrec{packet});
  case 2:
    packet.code = {};
    return send(pubrel{packet});
  default:
    packet.code = {};
    return send(pubcomp{packet});
  }
}

void fuzz_run::request() {
  auto options = in_.byte();
  std::string coded;
  switch (options % 5) {
  case 0: {
    subscription_options wanted;
    wanted.no_local = (options & 64U) != 0;
    return send(subscribe{7,
                          options / 128,
                          {},
                          {{"a/+", {}}, {"$share/g/a", wanted}, {"b#", {}}}});
  }
  case 1:
    return send(unsubscribe{8, {}, {"a/+", "b"}});
  case 2:
    return send(pingreq{});
  case 3: {
    if ((options & 64U) != 0)
      property_writer{coded}.integer(property_id::session_expiry_interval, 9);
    auto code = (options & 128U) != 0
                  ? reason_code::disconnect_with_will_message
                  : reason_code::success;
    return send(disconnect{code, property_view{coded}});
  }
  default: {
    property_writer{coded}
      .value(property_id::authentication_method, "steps")
      .value(property_id::authentication_data, in_.choice(auth_data));
    auto code = (options & 64U) != 0 ? reason_code::continue_authentication
                                     : reason_code::reauthenticate;
    return send(auth{code, property_view{coded}});
  }
  }
}

void fuzz_run::advance() {
  auto how = in_.byte();
  auto unit = std::chrono::milliseconds{(how & 1U) != 0 ? 1000 : 37};
  stage_.advance(unit * static_cast<int>(how / 2));
}

void fuzz_run::change_manners() {
  auto manners = in_.byte();
  stage_.publish_answer.reset();
  if ((manners & 1U) != 0)
    stage_.publish_answer = publish_codes[manners / 64];
  stage_.answers_requests = (manners & 2U) != 0;
  stage_.delivers_back = (manners & 4U) != 0;
  stage_.holds = (manners & 8U) != 0;
  stage_.reason = (manners & 16U) != 0 ? "because" : "";
}

void fuzz_run::send(const control_packet& packet) {
  std::string bytes;
  encode(packet, version_, bytes);
  stage_.receive(bytes);
  static_cast<void>(stage_.take_output());
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes,
                                      std::size_t size) {
  fuzz_run{{reinterpret_cast<const char*>(bytes), size}}.run();
  return 0;
}
