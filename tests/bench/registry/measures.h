// What is measured. Each takes subjects of its own, interleaves subject and baseline in several rounds, and gives the
// medians.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "tests/bench/support/runner.h"

namespace orewatch::bench {

struct Scale {
  int rounds = 5;
  // Of one rate.
  absl::Duration span = absl::Seconds(1);
  int64_t imported_rows = 50'000;
  int watchers = 1000;
  int watched_changes = 50;
  int64_t few_facilities = 1000;
  int64_t many_facilities = 1'000'000;
  // As many as can be put in order.
  int64_t ordered_facilities = 100'000;
  int pages = 200;
};
// Shows that it runs, and no more.
Scale QuickScale();

std::vector<Figure> MeasureGet(const std::string& engine, const Scale& scale);
std::vector<Figure> MeasureWrites(const std::string& engine, const Scale& scale);
std::vector<Figure> MeasureImport(const std::string& engine, const Scale& scale);
std::vector<Figure> MeasureWatch(const std::string& engine, const Scale& scale);
// Lists beside few and many facilities, and what the many take.
std::vector<Figure> MeasureLists(const std::string& engine, const Scale& scale);

}  // namespace orewatch::bench
