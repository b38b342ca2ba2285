// The death of a process at a chosen step, as by kill -9.
#pragma once

#include <array>
#include <string>

#include "absl/strings/string_view.h"

namespace orewatch::testing {

// The steps of alerting from a score to a receiver, in their order, at which it may die.
namespace step {
// A change has been computed and nothing of it stored.
inline constexpr char kEvaluated[] = "evaluated";
// All is written but the end of the transaction. SQLite alone.
inline constexpr char kCommitting[] = "committing";
// It is stored, and nobody in the process knows.
inline constexpr char kCommitted[] = "committed";
// Alertmanager is to be called, and then has taken the alert.
inline constexpr char kPosting[] = "posting";
inline constexpr char kPosted[] = "posted";
// A webhook is to be called, and then has taken the event.
inline constexpr char kCalling[] = "calling";
inline constexpr char kCalled[] = "called";
// How far deliveries have come is to be stored, and then has been.
inline constexpr char kRecording[] = "recording";
inline constexpr char kRecorded[] = "recorded";
// Alertmanager says that it has told a receiver; that is stored, and not yet answered.
inline constexpr char kConfirming[] = "confirming";
inline constexpr char kConfirmed[] = "confirmed";

inline constexpr std::array<const char*, 11> kAll = {kEvaluated, kCommitting, kCommitted, kPosting,
                                                     kPosted,    kCalling,    kCalled,    kRecording,
                                                     kRecorded,  kConfirming, kConfirmed};
}  // namespace step

// Carries out one order to die at a time, which stands in a file. Thread-safe.
class Death {
 public:
  explicit Death(std::string order_file) : order_file_(std::move(order_file)) {}

  // Replaces the order, for the process that reads the file.
  static void Order(const std::string& order_file, absl::string_view step);
  // The step has been reached: does not return if the order names it. The order is gone then, so that the next process
  // lives.
  void At(absl::string_view step) const;

 private:
  const std::string order_file_;
};

}  // namespace orewatch::testing
