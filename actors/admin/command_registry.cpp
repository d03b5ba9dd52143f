#include "actors/admin/command_registry.hpp"

#include "protocol/assert.hpp"

#include <algorithm>
#include <exception>
#include <utility>

namespace hetzel::admin {

namespace {

std::size_t words_in(std::string_view name) {
  return static_cast<std::size_t>(std::ranges::count(name, ' ')) + 1;
}

std::string joined(const std::vector<std::string>& words, std::size_t count) {
  std::string text;
  for (std::size_t i = 0; i < std::min(count, words.size()); ++i)
    text += (i == 0 ? "" : " ") + words[i];
  return text;
}

bool is_folder(const std::string& word) { return word.starts_with("@/"); }

std::vector<std::string> about(const command& row) {
  std::vector<std::string> lines{usage_of(row), row.summary};
  lines.insert(lines.end(), row.details.begin(), row.details.end());
  return lines;
}

} // namespace

std::optional<std::filesystem::path>
request::path(const std::string& word) const {
  std::filesystem::path meant{word};
  if (meant.is_absolute())
    return meant;
  if (folder.empty())
    return std::nullopt;
  return folder / meant;
}

std::string usage_of(const command& row) {
  return row.arguments.empty() ? row.name : row.name + ' ' + row.arguments;
}

// -- the registry -------------------------------------------------------------

command_registry::command_registry() {
  add({.name = "help",
       .arguments = "[COMMAND]",
       .summary = "Lists the commands, or tells about one.",
       .arguments_max = 8,
       .run = [this](const request& what, const reply& to) {
         help(what, to);
       }});
}

void command_registry::add(command row) {
  HETZEL_ASSERT(row.run && !row.name.empty());
  auto name = row.name;
  const bool is_new = rows_.emplace(std::move(name), std::move(row)).second;
  HETZEL_ASSERT(is_new);
}

const command*
command_registry::find(const std::vector<std::string>& words) const {
  const command* longest = nullptr;
  for (const auto& [name, row] : rows_)
    if (name == joined(words, words_in(name))
        && (!longest || name.size() > longest->name.size()))
      longest = &row;
  return longest;
}

void command_registry::help(const request& what, const reply& to) const {
  if (!what.arguments.empty()) {
    const auto* found = find(what.arguments);
    return found ? to.done(about(*found))
                 : to.reject("no command "
                             + joined(what.arguments, what.arguments.size()));
  }
  std::size_t width = 0;
  for (const auto& [name, row] : rows_)
    width = std::max(width, usage_of(row).size());
  std::vector<std::string> lines;
  for (const auto& [name, row] : rows_) {
    auto line = usage_of(row);
    line.resize(width + 2, ' ');
    lines.push_back(line + row.summary);
  }
  to.done(std::move(lines));
}

// -- requests -----------------------------------------------------------------

parsed_request understand(const command_registry& registry,
                          std::vector<std::string> words) {
  parsed_request out;
  if (!words.empty() && is_folder(words[0])) {
    out.what.folder = words[0].substr(1);
    words.erase(words.begin());
  }
  out.found = registry.find(words);
  if (!out.found) {
    out.mistake = words.empty() ? "no command; see help"
                                : "no command " + words[0] + "; see help";
    return out;
  }
  const auto own = static_cast<std::ptrdiff_t>(words_in(out.found->name));
  out.what.arguments.assign(std::make_move_iterator(words.begin() + own),
                            std::make_move_iterator(words.end()));
  const auto count = out.what.arguments.size();
  if (count < out.found->arguments_min || count > out.found->arguments_max)
    out.mistake = "use: " + usage_of(*out.found);
  return out;
}

void run(const parsed_request& asked, const reply& to) {
  if (!asked.mistake.empty())
    return to.reject(asked.mistake);
  try {
    asked.found->run(asked.what, to);
  } catch (const std::exception& error) {
    to.fail(error.what());
  }
}

} // namespace hetzel::admin
