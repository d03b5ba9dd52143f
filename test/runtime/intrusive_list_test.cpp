#include "actors/runtime/intrusive_list.hpp"

#include <doctest/doctest.h>

#include <memory>
#include <string>

namespace intrusive_list_test {

using hetzel::runtime::intrusive_list;
using hetzel::runtime::intrusive_list_node;

namespace {

struct item : intrusive_list_node<item> {
  explicit item(char letter) : letter_(letter) {}
  char letter_;
};

std::string drain(intrusive_list<item>& list) {
  std::string result;
  while (item* first = list.pop_front())
    result += first->letter_;
  return result;
}

} // namespace

TEST_CASE("an intrusive list is first in, first out") {
  intrusive_list<item> list;
  item a{'a'}, b{'b'}, c{'c'};
  CHECK(list.empty());
  list.push_back(a);
  list.push_back(b);
  list.push_back(c);
  CHECK(a.is_listed());
  CHECK(drain(list) == "abc");
  CHECK(list.empty());
  CHECK(!a.is_listed());
}

TEST_CASE("pushing a listed item moves it, to another list too") {
  intrusive_list<item> one, two;
  item a{'a'}, b{'b'};
  one.push_back(a);
  one.push_back(b);
  one.push_back(a);
  CHECK(drain(one) == "ba");
  one.push_back(a);
  two.push_back(a);
  CHECK(one.empty());
  CHECK(drain(two) == "a");
}

TEST_CASE("an item leaves its list when it is destroyed or asked to") {
  intrusive_list<item> list;
  item a{'a'}, c{'c'};
  {
    item b{'b'};
    list.push_back(a);
    list.push_back(b);
    list.push_back(c);
  }
  a.unlist();
  a.unlist();
  CHECK(drain(list) == "c");
}

TEST_CASE("splicing moves everything behind what is there") {
  intrusive_list<item> one, two;
  item a{'a'}, b{'b'}, c{'c'}, d{'d'};
  one.push_back(a);
  two.push_back(b);
  two.push_back(c);
  one.splice_back(two);
  CHECK(two.empty());
  two.push_back(d);
  one.splice_back(two);
  one.splice_back(two);
  CHECK(drain(one) == "abcd");
}

TEST_CASE("items outlive their list") {
  item a{'a'};
  auto list = std::make_unique<intrusive_list<item>>();
  list->push_back(a);
  list.reset();
  CHECK(!a.is_listed());
}

} // namespace intrusive_list_test
