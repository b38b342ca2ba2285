// Computes what is kept once more, a subject at a time, for as long as the service runs.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "absl/time/time.h"
#include "common/exec/repeater.h"
#include "services/risk/domain/audit.h"

namespace orewatch::risk {

// Thread-safe. Its end waits for the subject at hand.
class Auditor {
 public:
  // `current` gives the newest model, or null. `audited` runs on the auditor's thread after each subject; one subject a
  // period, by name, and then from the first again.
  Auditor(absl::Duration period, std::function<std::shared_ptr<const Model>()> current,
          std::function<void(const Audit&)> audited);

 private:
  void AuditNext();

  const absl::Duration period_;
  const std::function<std::shared_ptr<const Model>()> current_;
  const std::function<void(const Audit&)> audited_;
  // Of the thread alone.
  std::string subject_;
  // Last: uses the rest.
  Repeater repeater_;
};

}  // namespace orewatch::risk
