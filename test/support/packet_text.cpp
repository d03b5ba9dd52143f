#include "test/support/packet_text.hpp"

#include "protocol/property_set.hpp"
#include "test/support/hex.hpp"

#include <sstream>

namespace hetzel::test {

namespace {

using namespace mqtt;

/// Printable text as it is, anything else in hex.
std::string quoted(bytes_view bytes) {
  for (auto byte : bytes)
    if (byte < ' ' || byte > '~' || byte == '\'')
      return "<" + to_hex(bytes) + ">";
  return "'" + std::string(bytes) + "'";
}

std::string listed(property_view properties, property_set left_out) {
  std::string text = "[";
  properties.for_each([&](const property& item) {
    if (left_out.contains(item.id))
      return;
    if (text.size() > 1)
      text += ' ';
    text += std::to_string(static_cast<unsigned>(item.id)) + ":"
            + std::to_string(item.integer) + quoted(item.name)
            + quoted(item.value);
  });
  return text + "]";
}

/// Collects `name=value` pairs.
class line {
public:
  explicit line(std::string_view kind) { text_ << kind; }

  template <class Value>
  line& add(std::string_view name, const Value& value) {
    text_ << ' ' << name << '=' << value;
    return *this;
  }

  line& add(std::string_view name, property_view properties) {
    return add(name, listed(properties, {}));
  }

  line& add(std::string_view name, reason_code code) {
    return add(name, to_string(code));
  }

  line& add(std::string_view name, const std::vector<reason_code>& codes) {
    for (auto code : codes)
      add(name, code);
    return *this;
  }

  [[nodiscard]] std::string str() const { return text_.str(); }

private:
  std::ostringstream text_;
};

std::string will_text(const std::optional<will>& last) {
  if (!last)
    return "none";
  return line("{")
    .add("topic_name", quoted(last->topic_name))
    .add("payload", quoted(last->payload))
    .add("qos", static_cast<int>(last->quality))
    .add("retain", last->retain)
    .add("properties", last->properties)
    .add("", "}")
    .str();
}

std::string text_of(const std::optional<bytes_view>& value) {
  return value ? quoted(*value) : "none";
}

struct packet_printer {
  std::string operator()(const connect& p) const {
    return line("CONNECT")
      .add("version", static_cast<int>(p.version))
      .add("bridge", p.is_bridge)
      .add("clean", p.clean_start)
      .add("keep_alive", p.keep_alive.count())
      .add("client_id", quoted(p.client_id))
      .add("will", will_text(p.will))
      .add("user_name", text_of(p.user_name))
      .add("password", text_of(p.password))
      .add("properties", p.properties)
      .str();
  }

  std::string operator()(const connack& p) const {
    return line("CONNACK")
      .add("session_present", p.session_present)
      .add("code", p.code)
      .add("properties", p.properties)
      .str();
  }

  std::string operator()(const publish& p) const {
    constexpr property_set own
      = {property_id::topic_alias, property_id::message_expiry_interval};
    return line("PUBLISH")
      .add("dup", p.dup)
      .add("retain", p.retain)
      .add("qos", static_cast<int>(p.quality))
      .add("id", p.id)
      .add("topic_name", quoted(p.topic_name))
      .add("alias", p.topic_alias)
      .add("expiry", p.expiry_interval ? p.expiry_interval->count() : -1)
      .add("properties", listed(p.properties, own))
      .add("payload", quoted(p.payload))
      .str();
  }

  std::string operator()(const subscribe& p) const {
    line text("SUBSCRIBE");
    text.add("id", p.id)
      .add("subscription_id", p.subscription_id)
      .add("properties", p.properties);
    for (auto& entry : p.entries)
      text.add("filter", quoted(entry.topic_filter))
        .add("qos", static_cast<int>(entry.options.quality))
        .add("no_local", entry.options.no_local)
        .add("as_published", entry.options.retain_as_published)
        .add("handling", static_cast<int>(entry.options.handling));
    return text.str();
  }

  std::string operator()(const unsubscribe& p) const {
    line text("UNSUBSCRIBE");
    text.add("id", p.id).add("properties", p.properties);
    for (auto filter : p.topic_filters)
      text.add("filter", quoted(filter));
    return text.str();
  }

  std::string operator()(const puback& p) const { return reply("PUBACK", p); }
  std::string operator()(const pubrec& p) const { return reply("PUBREC", p); }
  std::string operator()(const pubrel& p) const { return reply("PUBREL", p); }
  std::string operator()(const pubcomp& p) const { return reply("PUBCOMP", p); }
  std::string operator()(const suback& p) const { return codes("SUBACK", p); }
  std::string operator()(const unsuback& p) const {
    return codes("UNSUBACK", p);
  }
  std::string operator()(const pingreq&) const { return "PINGREQ"; }
  std::string operator()(const pingresp&) const { return "PINGRESP"; }
  std::string operator()(const disconnect& p) const {
    return coded("DISCONNECT", p);
  }
  std::string operator()(const auth& p) const { return coded("AUTH", p); }

private:
  static std::string reply(std::string_view kind, const publish_reply& p) {
    return line(kind)
      .add("id", p.id)
      .add("code", p.code)
      .add("properties", p.properties)
      .str();
  }

  template <class Packet>
  static std::string codes(std::string_view kind, const Packet& p) {
    return line(kind)
      .add("id", p.id)
      .add("properties", p.properties)
      .add("code", p.codes)
      .str();
  }

  template <class Packet>
  static std::string coded(std::string_view kind, const Packet& p) {
    return line(kind).add("code", p.code).add("properties", p.properties).str();
  }
};

} // namespace

std::string to_text(const control_packet& packet) {
  return std::visit(packet_printer{}, packet);
}

std::string to_text(property_view properties) {
  return listed(properties, {});
}

} // namespace hetzel::test
