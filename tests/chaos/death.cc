#include "tests/chaos/death.h"

#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <fstream>

#include "absl/strings/str_cat.h"

namespace orewatch::testing {

void Death::Order(const std::string& order_file, absl::string_view step) {
  const std::string draft = absl::StrCat(order_file, ".new");
  std::ofstream(draft) << step;
  std::rename(draft.c_str(), order_file.c_str());
}

void Death::At(absl::string_view step) const {
  std::string order;
  std::ifstream(order_file_) >> order;
  if (order != step) {
    return;
  }
  unlink(order_file_.c_str());
  kill(getpid(), SIGKILL);
  for (;;) {
    pause();
  }
}

}  // namespace orewatch::testing
