#include "actors/node/config/yaml_source.hpp"

#include <yaml-cpp/yaml.h>

#include <cerrno>
#include <cstring>
#include <fstream>
#include <sstream>

namespace hetzel::node {

namespace {

/// Deeper nesting cannot be one of our keys; it also bounds the recursion.
constexpr int depth_max = 8;

class flattener {
public:
  flattener(const std::string& name, settings_read& out)
    : name_(name), out_(out) {}

  void add_map(const std::string& prefix, const YAML::Node& map, int depth) {
    for (const auto& entry : map) {
      const auto at = place(entry.first.Mark());
      if (!entry.first.IsScalar()) {
        fail(at, prefix, "a key must be a plain word");
        continue;
      }
      const auto& word = entry.first.Scalar();
      add(prefix.empty() ? word : prefix + '.' + word, entry.second, at, depth);
    }
  }

private:
  void add(const std::string& key, const YAML::Node& node,
           const std::string& at, int depth) {
    switch (node.Type()) {
      case YAML::NodeType::Scalar:
        out_.settings.push_back({key, node.Scalar(), source_kind::file, at});
        return;
      case YAML::NodeType::Sequence:
        add_list(key, node, at);
        return;
      case YAML::NodeType::Map:
        if (depth == depth_max)
          return fail(at, key, "is nested too deep");
        add_map(key, node, depth + 1);
        return;
      case YAML::NodeType::Null:
      case YAML::NodeType::Undefined:
        out_.settings.push_back({key, "", source_kind::file, at, true});
        return;
    }
  }

  void add_list(const std::string& key, const YAML::Node& list,
                const std::string& at) {
    std::string text;
    for (const auto& item : list) {
      if (!item.IsScalar())
        return fail(at, key, "a list here can hold plain values only");
      text += (text.empty() ? "" : ",") + item.Scalar();
    }
    out_.settings.push_back({key, text, source_kind::file, at});
  }

  void fail(const std::string& at, const std::string& key, const char* what) {
    out_.problems.push_back({at, key, what});
  }

  [[nodiscard]] std::string place(const YAML::Mark& mark) const {
    return name_ + ':' + std::to_string(mark.line + 1);
  }

  const std::string& name_;
  settings_read& out_;
};

} // namespace

settings_read parse_yaml(const std::string& text, const std::string& name) {
  settings_read out;
  try {
    const auto root = YAML::Load(text);
    if (root.IsMap())
      flattener(name, out).add_map("", root, 0);
    else if (!root.IsNull())
      out.problems.push_back({name + ":1", "", "is not a map of keys"});
  } catch (const YAML::Exception& error) {
    out.problems.push_back(
      {name + ':' + std::to_string(error.mark.line + 1), "", error.msg});
  }
  return out;
}

settings_read read_yaml(const std::filesystem::path& file) {
  std::ifstream in(file, std::ios::binary);
  std::ostringstream text;
  // A folder opens well and fails at the first read.
  if (!in || !(text << in.rdbuf()) || in.bad()) {
    std::error_code ignored;
    const bool is_empty = std::filesystem::is_regular_file(file, ignored)
                          && std::filesystem::file_size(file, ignored) == 0;
    if (!is_empty)
      return {{}, {{file.string(), "", std::string("cannot be read: ")
                                         + std::strerror(errno)}}};
  }
  return parse_yaml(text.str(), file.string());
}

} // namespace hetzel::node
