#pragma once

#include "actors/admin/control_language.hpp"

#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace hetzel::admin {

/// Some lines of the answer to a request, and with the last of them how it
/// ended.
struct answer_part {
  std::vector<std::string> lines{};
  std::optional<status> end{};
};

/// The way back to who asked. Copies are the same answer: the first `done` or
/// `fail` ends it, what comes later is nobody's. When the last copy goes and
/// nothing ended it, it failed. From any thread.
class reply {
public:
  /// Called from whatever thread answers, for each part in its order.
  using receiver = std::function<void(answer_part part)>;

  explicit reply(receiver to);

  /// Text that goes out at once, for commands that take their time.
  void line(std::string text) const;

  void done(std::vector<std::string> lines = {}) const;

  /// `why` is a sentence for the operator.
  void fail(std::string why) const;

  /// The request makes no sense, as the sentence says.
  void reject(std::string why) const;

private:
  class shared_end;

  std::shared_ptr<shared_end> end_;
};

} // namespace hetzel::admin
