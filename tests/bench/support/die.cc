#include "tests/bench/support/die.h"

#include <cstdio>
#include <cstdlib>

namespace orewatch::bench {

void Die(const std::string& what) {
  std::fprintf(stderr, "%s\n", what.c_str());
  std::abort();
}

}  // namespace orewatch::bench
