#include "services/risk/engine/auditor.h"

#include <utility>

namespace orewatch::risk {

Auditor::Auditor(absl::Duration period, std::function<std::shared_ptr<const Model>()> current,
                 std::function<void(const Audit&)> audited)
    : period_(period), current_(std::move(current)), audited_(std::move(audited)), thread_([this] { Run(); }) {}

Auditor::~Auditor() {
  {
    absl::MutexLock lock(&mutex_);
    stopped_ = true;
  }
  thread_.join();
}

void Auditor::Run() {
  std::string subject;
  for (;;) {
    {
      absl::MutexLock lock(&mutex_);
      if (mutex_.AwaitWithTimeout(absl::Condition(&stopped_), period_)) {
        return;
      }
    }
    const auto model = current_();
    subject = model == nullptr ? "" : model->SubjectAfter(subject);
    if (!subject.empty()) {
      audited_(AuditOf(*model, subject));
    }
  }
}

}  // namespace orewatch::risk
