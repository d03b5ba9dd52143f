#pragma once

#include "actors/admin/reply.hpp"

#include <mutex>
#include <string>
#include <vector>

namespace hetzel::node {

/// What became of reading the configuration again.
struct reload_outcome {
  bool is_rejected = false;
  /// For the operator; what is wrong when it was rejected.
  std::vector<std::string> lines;
};

/// Operators who wait for the configuration to be read again, which is done in
/// the main thread, as if SIGHUP had come.
class reload_desk {
public:
  /// From any thread.
  void ask(admin::reply to);

  /// Who waits now. Taken before the configuration is read: who comes later
  /// may have changed it meanwhile, and waits for the next signal.
  [[nodiscard]] std::vector<admin::reply> take();

private:
  std::mutex mutex_;
  std::vector<admin::reply> waiting_;
};

void answer(const std::vector<admin::reply>& waiting,
            const reload_outcome& outcome);

} // namespace hetzel::node
