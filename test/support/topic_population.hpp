#pragma once

#include <cstddef>
#include <cstdint>
#include <random>
#include <string>
#include <vector>

namespace hetzel::test {

/// Topics of a plant: region/building/device/kind[/channel[/leaf]], 4 to 6
/// levels, 30 bytes on average; and filters made from them. Repeatable.
class topic_population {
public:
  explicit topic_population(std::uint64_t seed) : random_(seed) {}

  std::string topic_name() {
    std::string name = "region" + number(50) + "/building" + number(200)
                       + "/dev" + number(100'000) + "/kind" + number(20);
    const auto depth = 4 + below(3);
    if (depth > 4)
      name += "/ch" + number(10);
    if (depth > 5)
      name += "/v" + number(4);
    return name;
  }

  /// 60 % without wildcard, 25 % with '+' in one or two levels, 15 % with '#'
  /// after two or more.
  std::string topic_filter() {
    const auto kind = below(100);
    auto name = topic_name();
    if (kind < 60)
      return name;
    if (kind < 85)
      return with_plus(name);
    return with_rest(name);
  }

  std::size_t below(std::size_t end) {
    return std::uniform_int_distribution<std::size_t>{0, end - 1}(random_);
  }

private:
  std::string number(std::size_t end) { return std::to_string(below(end)); }

  static std::vector<std::string> split(const std::string& name) {
    std::vector<std::string> levels(1);
    for (const char c : name)
      if (c == '/')
        levels.emplace_back();
      else
        levels.back() += c;
    return levels;
  }

  static std::string join(const std::vector<std::string>& levels) {
    auto name = levels.front();
    for (std::size_t i = 1; i < levels.size(); ++i)
      name += '/' + levels[i];
    return name;
  }

  std::string with_plus(const std::string& name) {
    auto levels = split(name);
    const auto count = 1 + below(2);
    for (std::size_t i = 0; i < count; ++i)
      levels[below(levels.size())] = "+";
    return join(levels);
  }

  std::string with_rest(const std::string& name) {
    auto levels = split(name);
    levels.resize(2 + below(levels.size() - 2));
    levels.emplace_back("#");
    return join(levels);
  }

  std::mt19937_64 random_;
};

} // namespace hetzel::test
