#pragma once

#include "test/load/histogram.hpp"
#include "test/load/server_usage.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace hetzel::test::load {

/// One number of a run. `name` is its key in JSON and ends in its unit.
struct metric {
  std::string name;
  double value = 0;
};

/// What a run found: numbers in the order they are to be read, and everything
/// that the protocol forbids.
class report {
public:
  void add(std::string name, double value) {
    metrics_.push_back({std::move(name), value});
  }

  /// p50…p99.9, mean and max in µs, each named `prefix` + "_p50_us" and so on.
  void add_latencies(const std::string& prefix, const histogram& times);

  /// CPU of the server between two readings, divided by `count` of `unit`.
  void add_cpu(const std::string& unit, const std::optional<server_usage>& from,
               const std::optional<server_usage>& to, double count);

  /// Memory of the server before and after, and what `clients` (zero: not
  /// said) cost each.
  void add_memory(const std::optional<server_usage>& from,
                  const std::optional<server_usage>& to, double clients);

  /// Counts of zero are fine.
  void forbid(const std::string& what, std::uint64_t count);

  void violate(std::string what) { violations_.push_back(std::move(what)); }

  [[nodiscard]] bool is_clean() const noexcept { return violations_.empty(); }

  [[nodiscard]] std::string to_text(const std::string& title) const;
  [[nodiscard]] std::string to_json(const std::string& title) const;

private:
  std::vector<metric> metrics_;
  std::vector<std::string> violations_;
};

} // namespace hetzel::test::load
