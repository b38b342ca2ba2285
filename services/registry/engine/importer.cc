#include "services/registry/engine/importer.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "common/status/status.h"
#include "google/protobuf/util/message_differencer.h"
#include "services/registry/domain/statistic_key.h"
#include "services/registry/domain/validation.h"

namespace orewatch::registry {
namespace {

using google::protobuf::util::MessageDifferencer;

constexpr char kNotApplied[] = "NOT_APPLIED";

std::string KeyOf(Kind kind, const v1::Entry& entry) {
  return IsStatistic(kind) ? StatisticKey(entry.statistic()) : NameIn(MessageIn(kind, entry));
}

}  // namespace

absl::Status Importer::Add(const v1::ImportRequest::Row& row) {
  rows_.push_back(row);
  if (const auto kind = KindOf(row.entry()); kind.has_value() && IsResource(*kind)) {
    names_.insert(NameIn(MessageIn(*kind, row.entry())));
  }
  if (options_.atomic && rows_.size() > kMaxAtomicRows) {
    return InvalidField("rows", absl::StrCat("an atomic import takes at most ", kMaxAtomicRows, " rows"));
  }
  return !options_.atomic && rows_.size() == kRowsPerRevision ? CommitRows() : absl::OkStatus();
}

absl::StatusOr<v1::ImportResponse> Importer::Finish() {
  if (!rows_.empty()) {
    OREWATCH_RETURN_IF_ERROR(CommitRows());
  }
  *report_.mutable_revision() = registry_.RevisionOf(registry_.store().head());
  return std::move(report_);
}

absl::Status Importer::CommitRows() {
  v1::ImportResponse report = report_;
  const auto write = [&](WriteTransaction& transaction) -> absl::Status {
    for (const auto& row : rows_) {
      OREWATCH_RETURN_IF_ERROR(TakeRow(row, transaction, report));
    }
    if (options_.validate_only || (options_.atomic && report.rejected() > 0)) {
      return MakeError(absl::StatusCode::kCancelled, kNotApplied, "rolled back");
    }
    return absl::OkStatus();
  };
  const auto committed = registry_.store().CommitTouching(TouchedByRows(), options_.author, write);
  if (!committed.ok()) {
    if (ErrorReason(committed.status()) != kNotApplied) {
      return committed.status();
    }
    if (!options_.validate_only) {
      report.set_created(0);
      report.set_updated(0);
    }
  }
  report_ = std::move(report);
  rows_.clear();
  names_.clear();
  return absl::OkStatus();
}

std::vector<EntryKey> Importer::TouchedByRows() const {
  std::vector<EntryKey> touched;
  for (const auto& row : rows_) {
    if (const auto kind = KindOf(row.entry()); kind.has_value()) {
      AddTouched(*kind, KeyOf(*kind, row.entry()), row.entry(), touched);
    }
  }
  return touched;
}

absl::Status Importer::TakeRow(const v1::ImportRequest::Row& row, WriteTransaction& transaction,
                               v1::ImportResponse& report) {
  if (const FieldViolations violations = Validate(row.entry()); !violations.empty()) {
    const auto& [field, reason] = violations.violations().front();
    Reject(row, field, reason, report);
    return absl::OkStatus();
  }
  const Kind kind = *KindOf(row.entry());
  const std::string key = KeyOf(kind, row.entry());
  OREWATCH_ASSIGN_OR_RETURN(const auto live, transaction.Find(kind, key));
  if (live.has_value() && MessageDifferencer::Equals(live->entry, row.entry())) {
    report.set_unchanged(report.unchanged() + 1);
    return absl::OkStatus();
  }
  if (live.has_value() && live->from_revision == transaction.revision()) {
    Reject(row, "", "another row has the same key and another value", report);
    return absl::OkStatus();
  }
  std::function<bool(const std::string&)> also_present;
  if (options_.atomic) {
    also_present = [this](const std::string& name) { return names_.count(name) > 0; };
  }
  if (const absl::Status status = CheckReferences(row.entry(), transaction, also_present); !status.ok()) {
    if (ErrorReason(status) != "REFERENCE_NOT_FOUND") {
      return status;
    }
    Reject(row, "", std::string(status.message()), report);
    return absl::OkStatus();
  }
  OREWATCH_RETURN_IF_ERROR(transaction.Put(kind, key, row.entry()));
  live.has_value() ? report.set_updated(report.updated() + 1) : report.set_created(report.created() + 1);
  return absl::OkStatus();
}

void Importer::Reject(const v1::ImportRequest::Row& row, const std::string& field, const std::string& reason,
                      v1::ImportResponse& report) {
  report.set_rejected(report.rejected() + 1);
  if (report.rejections_size() == kMaxRejectionsNamed) {
    return;
  }
  auto& rejection = *report.add_rejections();
  rejection.set_file(row.file());
  rejection.set_line(row.line());
  rejection.set_field(field);
  rejection.set_reason(reason);
}

}  // namespace orewatch::registry
