// Runs the replication core on many nodes, one thread and virtual time:
//
//   simulation --seed N | --seeds A..B [--steps N] [--nodes MIN..MAX]
//              [--broadcast mixed|letters|mesh|trees]
//              [--mutation NAME] [--expect-failure]
//   simulation --directed [--mutation NAME]
//
// A run that breaks a rule is made again with its history, which is printed
// with its seed. With a mutation a rule of the core is switched off.

#include "test/simulation/broadcast_transport.hpp"
#include "test/simulation/mutations.hpp"
#include "test/simulation/schedule.hpp"

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>

namespace {

using namespace hetzel::test;

struct request {
  schedule_options base;
  std::uint64_t first = 1;
  std::uint64_t last = 1;
  bool expects_failure = false;
  bool verbose = false;
};

[[noreturn]] void refuse(const char* what) {
  std::fprintf(stderr, "simulation: what is '%s'?\n", what);
  std::exit(2);
}

/// "A..B" or "A".
std::pair<std::uint64_t, std::uint64_t> range(const char* text) {
  char* end = nullptr;
  auto first = std::strtoull(text, &end, 10);
  if (end == text)
    refuse(text);
  if (*end == '\0')
    return {first, first};
  if (std::strncmp(end, "..", 2) != 0)
    refuse(text);
  return {first, std::strtoull(end + 2, nullptr, 10)};
}

dissemination dissemination_of(const std::string& word) {
  if (word == "mixed")
    return dissemination::mixed;
  if (word == "letters")
    return dissemination::letters;
  if (word == "mesh")
    return dissemination::mesh;
  if (word == "trees")
    return dissemination::trees;
  refuse(word.c_str());
}

request parse(int count, char** words) {
  request made;
  auto value = [&](int& i) {
    if (i + 1 == count)
      refuse(words[i]);
    return words[++i];
  };
  for (auto i = 1; i < count; ++i) {
    std::string word = words[i];
    if (word == "--seed" || word == "--seeds") {
      std::tie(made.first, made.last) = range(value(i));
    } else if (word == "--steps") {
      made.base.steps = range(value(i)).first;
    } else if (word == "--nodes") {
      std::tie(made.base.nodes_min, made.base.nodes_max) = range(value(i));
    } else if (word == "--broadcast") {
      made.base.dissemination = dissemination_of(value(i));
    } else if (word == "--mutation") {
      auto* name = value(i);
      if (!mutate(name, made.base))
        refuse(name);
    } else if (word == "--expect-failure") {
      made.expects_failure = true;
    } else if (word == "--verbose") {
      made.verbose = true;
    } else {
      refuse(words[i]);
    }
  }
  return made;
}

void print_failure(schedule_options options) {
  options.records_history = true;
  auto again = run_schedule(options);
  for (auto& line : again.history)
    std::printf("  %s\n", line.c_str());
  std::printf("seed %llu: %s\n",
              static_cast<unsigned long long>(options.seed),
              again.broken.c_str());
}

int run(const request& wanted) {
  std::uint64_t failures = 0;
  std::uint64_t events = 0;
  hetzel::cluster::replica_counters sum;
  hetzel::cluster::broadcast_counters cores;
  for (auto seed = wanted.first; seed <= wanted.last; ++seed) {
    auto options = wanted.base;
    options.seed = seed;
    auto result = run_schedule(options);
    events += result.events;
    sum.pulls += result.counted.pulls;
    sum.range_pulls += result.counted.range_pulls;
    sum.broken_pulls += result.counted.broken_pulls;
    sum.frames_applied += result.counted.frames_applied;
    add(cores, result.broadcast);
    if (result.broken.empty())
      continue;
    if (++failures == 1 && !wanted.expects_failure)
      print_failure(options);
    else if (wanted.verbose || !wanted.expects_failure)
      std::printf("seed %llu: %s\n", static_cast<unsigned long long>(seed),
                  result.broken.c_str());
    std::fflush(stdout);
  }
  std::printf("%llu of %llu seeds failed; %llu events, %llu frames, %llu pulls "
              "(%llu of a range, %llu broken)\n",
              static_cast<unsigned long long>(failures),
              static_cast<unsigned long long>(wanted.last - wanted.first + 1),
              static_cast<unsigned long long>(events),
              static_cast<unsigned long long>(sum.frames_applied),
              static_cast<unsigned long long>(sum.pulls),
              static_cast<unsigned long long>(sum.range_pulls),
              static_cast<unsigned long long>(sum.broken_pulls));
  std::printf("broadcast cores: %llu frames new, %llu known, %llu dropped, "
              "%llu prunes, %llu grafts, %llu digests heard, %llu pulls\n",
              static_cast<unsigned long long>(cores.frames_new),
              static_cast<unsigned long long>(cores.frames_duplicate),
              static_cast<unsigned long long>(cores.frames_dropped),
              static_cast<unsigned long long>(cores.prunes_sent),
              static_cast<unsigned long long>(cores.grafts_sent),
              static_cast<unsigned long long>(cores.digests_received),
              static_cast<unsigned long long>(cores.pulls));
  return (failures != 0) == wanted.expects_failure ? 0 : 1;
}

} // namespace

int main(int count, char** words) {
  return run(parse(count, words));
}
