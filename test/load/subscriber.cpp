#include "test/load/subscriber.hpp"

#include "test/load/delivery_progress.hpp"

#include <utility>

namespace hetzel::test::load {

subscriber::subscriber(event_loop& loop, connect_queue& connects,
                       client_settings client, subscriber_settings settings,
                       const payload_check& check)
  : connects_(connects),
    settings_(std::move(settings)),
    check_(check),
    client_(loop, std::move(client), *this) {}

void subscriber::close() {
  client_.close();
  is_ready_ = false;
  is_answered_ = false;
}

void subscriber::on_connected(client& one, const mqtt::connack& answer) {
  is_resumed_ = answer.session_present;
  is_answered_ = true;
  connects_.on_answered();
  if (subscribes_)
    one.subscribe(settings_.topic_filter, settings_.quality);
  else
    is_ready_ = true;
}

void subscriber::on_publish(client& one, const scanned_publish& packet) {
  if (!check_.accepts(packet.payload)) {
    ++foreign_;
    return;
  }
  const auto stamp = read_stamp(packet.payload);
  const auto place = stamp.publisher - settings_.publisher_first;
  if (place >= tracks_.size()) {
    ++foreign_;
    return;
  }
  if (one.received_ns() > stamp.sent_ns)
    one.loop().latencies().record(one.received_ns() - stamp.sent_ns);
  ++received_;
  auto& track = tracks_[place];
  if (track.arrivals)
    on_shared_arrival(track, stamp.sequence);
  else
    on_arrival(track, stamp.sequence);
}

void subscriber::on_arrival(delivery_track& track, std::uint32_t sequence) {
  const auto expected = track.sequence.next();
  switch (track.sequence.on_arrival(sequence)) {
  case arrival::in_order:
  case arrival::after_gap:
    break;
  case arrival::late: // counted when its gap was seen
  case arrival::duplicate:
    return;
  }
  batch_ += sequence + 1 - expected;
  if (track.progress)
    // What was skipped will not come in time: let the loop go on without.
    for (auto passed = expected; passed <= sequence; ++passed)
      track.progress->on_arrival(passed);
}

void subscriber::on_shared_arrival(delivery_track& track,
                                   std::uint32_t sequence) {
  track.sequence.on_arrival(sequence);
  if (!track.arrivals->mark(sequence)) {
    ++shared_duplicates_;
    return;
  }
  ++batch_;
  if (track.progress)
    track.progress->on_arrival(sequence);
}

void subscriber::on_batch_end(client& one) {
  loop_counters::add(one.loop().counters().received, std::exchange(batch_, 0));
}

void subscriber::on_failed(client& one, const std::string& reason) {
  if (!std::exchange(is_answered_, true))
    connects_.on_answered();
  failure_ = one.settings().client_id + ": " + reason;
  has_failed_ = true;
}

} // namespace hetzel::test::load
