#pragma once

#include "test/load/endpoint.hpp"

#include <cstdint>
#include <deque>

namespace hetzel::test::load {

class client;

/// Opens clients so that at most `concurrency` of one loop wait for CONNACK.
/// Whoever is told `on_connected` or `on_failed` calls `on_answered` once per
/// client. For the loop's thread.
class connect_queue {
public:
  connect_queue(endpoint server, std::uint32_t concurrency)
    : server_(server), concurrency_(concurrency) {}

  void push(client& one) {
    waiting_.push_back(&one);
    open_next();
  }

  void on_answered() {
    --pending_;
    open_next();
  }

  /// From now on clients are opened when they are due only.
  void pace() { is_paced_ = true; }

  /// One that is due; false: there are no more, or too many without answer.
  bool open_due();

private:
  void open_next();

  endpoint server_;
  std::uint32_t concurrency_;
  std::uint32_t pending_ = 0;
  bool is_opening_ = false;
  bool is_paced_ = false;
  std::deque<client*> waiting_;
};

} // namespace hetzel::test::load
