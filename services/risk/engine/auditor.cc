#include "services/risk/engine/auditor.h"

#include <utility>

namespace orewatch::risk {

Auditor::Auditor(absl::Duration period, std::function<std::shared_ptr<const Model>()> current,
                 std::function<void(const Audit&)> audited)
    : period_(period),
      current_(std::move(current)),
      audited_(std::move(audited)),
      repeater_(
          [this] {
            AuditNext();
            return period_;
          },
          period) {}

void Auditor::AuditNext() {
  const auto model = current_();
  subject_ = model == nullptr ? "" : model->SubjectAfter(subject_);
  if (!subject_.empty()) {
    audited_(AuditOf(*model, subject_));
  }
}

}  // namespace orewatch::risk
