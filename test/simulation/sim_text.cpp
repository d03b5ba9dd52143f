#include "test/simulation/sim_text.hpp"

namespace hetzel::test {

using namespace cluster;

std::string text(const container& record) {
  std::string made = "{";
  for (auto& v : record.versions)
    made += " " + to_string(v.id);
  made += " |";
  for (auto& e : record.context)
    made += " " + to_string(dot{e.actor, e.counter});
  return made + " }";
}

std::string text(const frame& delta) {
  std::string made(1, static_cast<char>(delta.kind));
  made += std::to_string(delta.number);
  for (auto& item : delta.items) {
    made += " " + item.key + text(item.record) + " D";
    for (auto& d : item.dots)
      made += to_string(d);
  }
  return made;
}

std::string text(const node_clock& clock) {
  std::string made;
  for (auto& c : clock) {
    made += " " + std::to_string(static_cast<std::uint64_t>(c.actor)) + ":"
            + std::to_string(c.dots.base());
    for (auto& run : c.dots.exceptions())
      made += "+" + std::to_string(run.first) + "-" + std::to_string(run.last);
  }
  return made;
}

std::string text(const version_vector& vector) {
  std::string made;
  for (auto& e : vector)
    made += " " + to_string(dot{e.actor, e.counter});
  return made;
}

std::string history_key(std::string_view key) {
  return "\xFE" + std::string(key);
}

std::map<std::string, event_set> histories_in(const persistence::reader& from) {
  std::map<std::string, event_set> all;
  auto rows = from.scan("\xFE", "");
  for (; rows->valid(); rows->next())
    all[std::string(rows->key().substr(1))]
      = event_set::of_bytes(rows->value());
  return all;
}

} // namespace hetzel::test
