// Gives a neighbour its part of the time that the caller has left.
#pragma once

#include "common/time/clock.h"
#include "services/gateway/client/backend.h"

namespace orewatch::gateway {

// What is left, less a reserve for putting the answer together; and a share of it where others wait for the answer.
// DEADLINE_EXCEEDED at once if that is too little to be worth a call.
class DeadlineBackend final : public Backend {
 public:
  struct Budget {
    // The reserve is this share of what is left, and no more than the duration.
    double reserved_share = 0.1;
    absl::Duration most_reserved = absl::Milliseconds(100);
    absl::Duration least = absl::Milliseconds(2);
  };
  DeadlineBackend(const Budget& budget, Backend& next, const Clock& clock)
      : budget_(budget), next_(next), clock_(clock) {}
  void Ask(const QuestionPtr& question, Answered answered) override;

 private:
  const Budget budget_;
  Backend& next_;
  const Clock& clock_;
};

}  // namespace orewatch::gateway
