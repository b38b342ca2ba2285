// Computes what is kept once more, a subject at a time, for as long as the service runs.
#pragma once

#include <functional>
#include <memory>
#include <thread>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "services/risk/domain/audit.h"

namespace orewatch::risk {

// Thread-safe.
class Auditor {
 public:
  // `current` gives the newest model, or null. `audited` runs on the auditor's thread after each subject; one subject a
  // period, by name, and then from the first again.
  Auditor(absl::Duration period, std::function<std::shared_ptr<const Model>()> current,
          std::function<void(const Audit&)> audited);
  // Waits for the subject at hand.
  ~Auditor();

 private:
  void Run();

  const absl::Duration period_;
  const std::function<std::shared_ptr<const Model>()> current_;
  const std::function<void(const Audit&)> audited_;
  absl::Mutex mutex_;
  bool stopped_ ABSL_GUARDED_BY(mutex_) = false;
  std::thread thread_;
};

}  // namespace orewatch::risk
