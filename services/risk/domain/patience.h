// Whether somebody still waits for what is computed.
#pragma once

#include <cstddef>
#include <functional>

namespace orewatch::risk {

// Asked now and again from the thread that computes; what comes after a no is of no use. Null: always.
using Patience = std::function<bool()>;

inline bool Lasts(const Patience& patience) { return patience == nullptr || patience(); }

// Counts the short steps of something long, and asks every so many of them. After a no nobody is asked again.
class PatientSteps {
 public:
  static constexpr size_t kAtOnce = 1024;

  explicit PatientSteps(const Patience& patience) : patience_(patience) {}

  // False: nobody waits any more.
  bool Take() { return ++taken_ % kAtOnce == 0 ? Ask() : lasts_; }
  bool Ask() {
    lasts_ = lasts_ && Lasts(patience_);
    return lasts_;
  }
  size_t taken() const { return taken_; }

 private:
  const Patience patience_;
  size_t taken_ = 0;
  bool lasts_ = true;
};

}  // namespace orewatch::risk
