#include "actors/runtime/reactor_pool.hpp"

#include "actors/runtime/log.hpp"

#include <algorithm>
#include <thread>

namespace hetzel::runtime {

reactor_pool::reactor_pool(caf::actor_system& system, std::size_t size,
                           reactor_options options) {
  if (size == 0)
    size = std::max(1U, std::thread::hardware_concurrency());
  reactors_.reserve(size);
  for (std::size_t i = 0; i < size; ++i)
    reactors_.push_back(std::make_unique<reactor>(
      system, static_cast<reactor_index>(i), options));
  if (options.compaction.is_on)
    for (std::size_t i = 1; i < size; ++i)
      reactors_[i]->may_be_lent_to(*reactors_[0]);
}

reactor_pool::~reactor_pool() {
  stop();
  for (auto& one : reactors_) {
    const auto alive = one->counters().actors_alive;
    if (alive == 0)
      continue;
    // Its actors' memory names it, so it must stay: a leak at the end of the
    // program is the lesser evil.
    log::error("reactor.outlived",
               {{"reactor", one->index()}, {"actors", alive}});
    static_cast<void>(one.release());
  }
}

void reactor_pool::start() {
  for (auto& one : reactors_)
    one->start();
}

void reactor_pool::stop() {
  for (auto& one : reactors_)
    one->stop();
}

} // namespace hetzel::runtime
