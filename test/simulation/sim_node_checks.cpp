#include "test/simulation/sim_node.hpp"

#include "cluster/swc/record_codec.hpp"

#include <algorithm>

namespace hetzel::test {

using namespace cluster;

void sim_node::check() const {
  for (auto& [key, history] : histories_)
    check_record(key, history);
  check_clock();
  if (uncommitted_.empty())
    for (auto& [key, shown] : visible()) {
      auto seen = view_.find(key);
      if (seen == view_.end() || seen->second.value != shown)
        fail("R16: the changes do not add up to what is visible of " + key);
    }
}

void sim_node::check_record(const std::string& key,
                            const event_set& history) const {
  auto record = core_->record(key);
  event_set live;
  for (auto& v : record.versions)
    live.insert(world_.truth().find(v.id).value());
  auto expected = world_.truth().visible(history);
  if (!live.includes(expected) || !expected.includes(live)) {
    std::string text = "R1: " + key + " has";
    live.each([&](auto e) { text += to_string(world_.truth().at(e).id); });
    text += " and should have";
    expected.each([&](auto e) { text += to_string(world_.truth().at(e).id); });
    fail(text);
  }
  auto& base = core_->state().base();
  history.each([&](std::size_t e) {
    auto id = world_.truth().at(e).id;
    if (!live.contains(e) && !record.context.covers(id) && !base.covers(id))
      fail("R2: " + to_string(id) + " is a hole in the context of " + key);
  });
}

void sim_node::check_clock() const {
  auto& image = core_->state().image();
  auto& truth = world_.truth();
  for (std::size_t e = 0; e < truth.size(); ++e) {
    auto& event = truth.at(e);
    if (event.is_forgotten || !image.clock.contains(event.id)
        || image.voids.contains(event.id))
      continue;
    auto known = histories_.find(event.key);
    if (known == histories_.end() || !known->second.contains(e))
      fail("R3: the clock claims " + to_string(event.id) + " of "
           + event.key);
  }
  if (!image.clock.at(actor_).exceptions().empty())
    fail("R4: the own column has gaps");
  if (!core_->state().base().covers(image.floor)
      || !image.floor.covers(image.swept))
    fail("R4: the floor is above the clock");
  if (!world_.ever_stable(store_).covers(core_->stable()))
    fail("R4: more is called stable than was on disk");
  for (auto& [member, row] : image.rows)
    if (!world_.ever_stable(member).covers(row))
      fail("R4: the row of " + to_string(member)
           + " says more than it had on disk");
}

std::map<std::string, std::string> sim_node::visible() const {
  std::map<std::string, std::string> all;
  for (auto& [key, history] : histories_)
    if (auto seen = core_->read(key))
      all[key] = seen->value;
  return all;
}

void sim_node::check_garbage() const {
  auto count = [&](storage_table table) {
    std::size_t rows = 0;
    auto all = scan_table(*disk_, table, shard_no{});
    for (; all->valid(); all->next())
      ++rows;
    return rows;
  };
  if (count(storage_table::contexts) != 0 || core_->state().contexts() != 0)
    fail("R7: a context is left");
  if (count(storage_table::records) != visible().size())
    fail("R7: a record without a value is left");
  if (count(storage_table::dots) != 0)
    fail("R7: the dot-key map is not empty");
  if (view_.size() != visible().size())
    fail("R16: the changes show a key that is gone");
  for (auto& column : core_->state().clock())
    if (!column.dots.exceptions().empty())
      fail("R7: a column has gaps");
}

} // namespace hetzel::test
