// How far a long piece of work has come, on a terminal.
#pragma once

#include <cstdint>
#include <ostream>
#include <string>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"

namespace orewatch::ctl {

// Draws over one line of a terminal, a few times a second, and clears it at the end. Thread-compatible.
class Progress {
 public:
  enum class Unit { kRows, kBytes };

  // Draws nothing unless `shown`.
  Progress(std::ostream& terminal, bool shown, absl::string_view verb, int64_t total, Unit unit);
  ~Progress();
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  void Advance(int64_t by);

 private:
  std::ostream& terminal_;
  bool shown_;
  std::string verb_;
  int64_t total_;
  Unit unit_;
  int64_t done_ = 0;
  absl::Time next_draw_ = absl::InfinitePast();
};

// The line for `done` of `total`; a total of 0 is unknown and has no bar.
std::string ProgressText(absl::string_view verb, int64_t done, int64_t total, Progress::Unit unit);

}  // namespace orewatch::ctl
