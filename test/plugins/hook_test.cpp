#include "plugins/api/hook.hpp"

#include <doctest/doctest.h>

namespace hook_test {

using namespace hetzel::plugins;

TEST_CASE("each hook has VerneMQ's name, and _m5 for 5.0 where it has two") {
  CHECK(name_of(hook::auth_on_register, hook_form::v3) == "auth_on_register");
  CHECK(name_of(hook::auth_on_register, hook_form::v5)
        == "auth_on_register_m5");
  CHECK(name_of(hook::on_client_gone, hook_form::v3) == "on_client_gone");
  CHECK(name_of(hook::on_client_gone, hook_form::v5) == "on_client_gone");
  CHECK(name_of(hook::on_auth, hook_form::v3).empty());
}

TEST_CASE("a hook is found again by each of its names") {
  for (std::size_t i = 0; i < hooks_count; ++i) {
    const auto which = static_cast<hook>(i);
    for (const auto form : {hook_form::v3, hook_form::v5}) {
      const auto name = name_of(which, form);
      if (name.empty())
        continue;
      const auto found = find_hook(name);
      REQUIRE(found);
      CHECK(found->which == which);
      CHECK(found->forms.contains(which, form));
    }
  }
  CHECK(!find_hook("on_nothing"));
  CHECK(!find_hook(""));
}

TEST_CASE("a name with _m5 stands for 5.0 only, one without two for both") {
  CHECK(!find_hook("on_deliver_m5")->forms.contains(hook::on_deliver,
                                                    hook_form::v3));
  CHECK(!find_hook("on_deliver")->forms.contains(hook::on_deliver,
                                                 hook_form::v5));
  CHECK(find_hook("on_message_drop")->forms
        == hook_set{hook::on_message_drop});
}

TEST_CASE("the families tell authentication and authorisation from the rest") {
  const hook_set all{hook::auth_on_register, hook::on_auth,
                     hook::auth_on_publish, hook::auth_on_subscribe,
                     hook::on_deliver, hook::on_publish};
  CHECK(all.only(hook_family::authentication)
        == hook_set{hook::auth_on_register, hook::on_auth});
  CHECK(all.only(hook_family::authorisation)
        == hook_set{hook::auth_on_publish, hook::auth_on_subscribe});
  CHECK(all.only(hook_family::change) == hook_set{hook::on_deliver});
  CHECK(all.only(hook_family::notification) == hook_set{hook::on_publish});
}

} // namespace hook_test
