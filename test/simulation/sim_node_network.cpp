#include "test/simulation/sim_node.hpp"

#include "cluster/swc/frame_codec.hpp"
#include "cluster/swc/sync_codec.hpp"
#include "test/simulation/sim_text.hpp"

#include <algorithm>

namespace hetzel::test {

using namespace cluster;

void sim_node::on_frame(const letter& received) {
  auto delta = decode_frame(received.bytes);
  if (!delta)
    fail("a frame was not decoded");
  for (auto& item : delta->items)
    for (auto id : item.dots) {
      auto event = world_.truth().find(id).value();
      merging_[item.key].insert(event);
      merging_[item.key].unite(world_.truth().at(event).observed);
    }
  auto told = merging_;
  auto verdict = core_->on_frame(*delta, now());
  merging_.clear();
  world_.say(number_, [&] {
    constexpr const char* names[] = {"takes",     "knows", "fences",
                                     "refuses",   "drops", "is regressed by"};
    return names[static_cast<int>(verdict)] + (" " + text(*delta))
           + " of node " + std::to_string(received.from);
  });
  if (verdict == frame_verdict::applied)
    taken_.emplace_back(uncommitted_.back().number,
                        std::pair{received, delta->source});
  if (verdict == frame_verdict::duplicate) {
    world_.on_known_frame(received, delta->source);
    for (auto& [key, events] : told)
      if (!histories_[key].includes(events))
        fail("I6: a skipped frame knew more of " + key);
  }
  if (rotates_)
    rotate();
}

void sim_node::on_sync(const letter& received) {
  auto message = decode_sync(received.bytes);
  if (!message)
    fail("a message was not decoded");
  if (auto* request = std::get_if<sync_request>(&*message)) {
    serve(*request);
  } else if (auto* ack = std::get_if<sync_ack>(&*message)) {
    auto found = servers_.find({ack->head.source, ack->head.session});
    if (found != servers_.end()) {
      found->second.server.on_ack(*ack, now().steady);
      pump(found->first);
    }
  } else if (auto* refused = std::get_if<sync_refusal>(&*message)) {
    core_->on_refusal(*refused);
  } else if (auto* end = std::get_if<sync_end>(&*message)) {
    on_end(*end, *received.meaning);
  } else if (auto* done = std::get_if<sync_done>(&*message)) {
    core_->on_done(*done);
  } else {
    on_pull_frame(std::get<frame>(*message), *received.meaning);
  }
  if (rotates_)
    rotate();
}

void sim_node::on_pull_frame(const frame& delta, const shadow& meaning) {
  for (auto& [key, history] : meaning.histories) {
    auto is_listed = std::any_of(delta.items.begin(), delta.items.end(),
                                 [&](auto& item) { return item.key == key; });
    // Keys that are absent on both sides are never visited.
    if (is_listed || !core_->record(key).empty())
      merging_[key] = history;
  }
  auto told = merging_;
  auto before = histories_;
  auto verdict = core_->on_frame(delta, now());
  merging_.clear();
  if (verdict == frame_verdict::applied && delta.kind == frame_kind::range)
    for (auto& [key, events] : told) {
      events.subtract(before[key]);
      world_.loose().unite(events);
    }
  world_.say(number_, [&] {
    return (verdict == frame_verdict::applied ? "takes " : "drops ")
           + text(delta);
  });
}

void sim_node::on_end(const sync_end& end, const shadow& meaning) {
  std::string missing;
  for (auto& [key, history] : meaning.histories) {
    if (pull_mode_ == pull_mode::graft)
      break;
    event_set claimed;
    history.each([&](std::size_t e) {
      if (end.clock.contains(world_.truth().at(e).id))
        claimed.insert(e);
    });
    merging_[key] = world_.truth().with_observed(claimed);
    auto expected = history;
    expected.subtract(world_.loose());
    if (!histories_[key].includes(expected))
      missing = key;
  }
  has_committed_ = false;
  core_->on_end(end, now());
  merging_.clear();
  if (has_committed_ && pull_mode_ == pull_mode::dots && !missing.empty())
    fail("I6: a finished pull left out what the peer knew of " + missing);
}

void sim_node::serve(const sync_request& request) {
  auto snapshot = disk_->snapshot();
  auto opened = core_->serve(request, snapshot, now());
  if (!opened)
    return world_.send(number_, request.head.source,
                       encode_sync(opened.error()), nullptr);
  server_key key{request.head.source, request.head.session};
  servers_.insert_or_assign(key, served{std::move(*opened), snapshot});
  pump(key);
}

void sim_node::pump(const server_key& which) {
  auto found = servers_.find(which);
  auto& serving = found->second;
  while (auto message = serving.server.next())
    world_.send(number_, which.first, encode_sync(*message),
                meaning_of(*message, serving));
  if (serving.server.is_over(now().steady))
    servers_.erase(found);
}

std::shared_ptr<const shadow>
sim_node::meaning_of(const sync_message& message, const served& from) const {
  auto made = std::make_shared<shadow>();
  auto is_live = options_.faults.read_live_records;
  auto all = histories_in(is_live ? *disk_ : *from.snapshot);
  auto* delta = std::get_if<frame>(&message);
  if (!delta) {
    made->histories = histories_in(*from.snapshot);
  } else if (delta->kind == frame_kind::range) {
    for (auto& [key, history] : all)
      if (key >= delta->from && (!delta->to || key < *delta->to))
        made->histories[key] = history;
  } else {
    for (auto& item : delta->items)
      made->histories[item.key] = all[item.key];
  }
  return made;
}

void sim_node::on_cut(store_id peer) {
  std::erase_if(servers_, [&](auto& s) { return s.first.first == peer; });
  if (pull_peer_ == peer)
    core_->stop_pull();
}

} // namespace hetzel::test
