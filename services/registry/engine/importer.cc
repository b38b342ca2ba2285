#include "services/registry/engine/importer.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "common/status/status.h"
#include "common/text/utf8.h"
#include "google/protobuf/util/message_differencer.h"
#include "services/registry/domain/validation.h"

namespace orewatch::registry {
namespace {

using google::protobuf::util::MessageDifferencer;

constexpr char kNotApplied[] = "NOT_APPLIED";

}  // namespace

absl::Status Importer::Add(const v1::ImportRequest::Row& row) {
  Keep(row);
  if (one_set() && rows_.size() > kMaxAtomicRows) {
    return InvalidField(
        "rows", absl::StrCat("an import that is atomic, or only checked, takes at most ", kMaxAtomicRows, " rows"));
  }
  return !one_set() && rows_.size() == kRowsPerRevision ? CommitRows() : absl::OkStatus();
}

void Importer::Keep(v1::ImportRequest::Row row) {
  if (const auto kind = KindOf(row.entry()); kind.has_value()) {
    std::string key = KeyOf(*kind, row.entry());
    AddTouched(*kind, key, row.entry(), touched_);
    if (IsResource(*kind)) {
      names_.insert(std::move(key));
    }
  }
  rows_.push_back(std::move(row));
}

absl::StatusOr<v1::ImportResponse> Importer::Finish() {
  if (!rows_.empty()) {
    OREWATCH_RETURN_IF_ERROR(CommitRows());
  }
  OREWATCH_RETURN_IF_ERROR(CommitWaiting());
  *report_.mutable_revision() = registry_.RevisionOf(registry_.store().head());
  return std::move(report_);
}

absl::Status Importer::CommitRows() {
  v1::ImportResponse report = report_;
  const auto write = [&](WriteTransaction& transaction) -> absl::Status {
    ChangeSetWriter writer(transaction, options_.author.principal, registry_.store().lineage());
    if (one_set()) {
      writer.AnnounceNames(names_);
    }
    for (const auto& row : rows_) {
      OREWATCH_RETURN_IF_ERROR(TakeRow(row, transaction, writer, report));
    }
    if (options_.validate_only || (options_.atomic && report.rejected() > 0)) {
      return MakeError(absl::StatusCode::kCancelled, kNotApplied, "rolled back");
    }
    return absl::OkStatus();
  };
  const auto committed = registry_.store().CommitTouching(touched_, options_.author, write);
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
  touched_.clear();
  names_.clear();
  return absl::OkStatus();
}

absl::Status Importer::CommitWaiting() {
  size_t waited = 0;
  while (!waiting_.empty() && waiting_.size() != waited) {
    waited = waiting_.size();
    std::vector<v1::ImportRequest::Row> rows;
    for (Waiting& waiting : std::exchange(waiting_, {})) {
      rows.push_back(std::move(waiting.row));
    }
    OREWATCH_RETURN_IF_ERROR(CommitInPortions(std::move(rows)));
  }
  for (const Waiting& waiting : std::exchange(waiting_, {})) {
    Reject(waiting.row, "", waiting.missing, report_);
  }
  return absl::OkStatus();
}

absl::Status Importer::CommitInPortions(std::vector<v1::ImportRequest::Row> rows) {
  for (v1::ImportRequest::Row& row : rows) {
    Keep(std::move(row));
    if (rows_.size() == kRowsPerRevision) {
      OREWATCH_RETURN_IF_ERROR(CommitRows());
    }
  }
  return rows_.empty() ? absl::OkStatus() : CommitRows();
}

absl::Status Importer::TakeRow(const v1::ImportRequest::Row& row, WriteTransaction& transaction,
                               ChangeSetWriter& writer, v1::ImportResponse& report) {
  if (const FieldViolations violations = Validate(row.entry()); !violations.empty()) {
    const auto& [field, reason] = violations.violations().front();
    Reject(row, field, reason, report);
    return absl::OkStatus();
  }
  Mutation mutation = PutOf(Mutation::Operation::kUpdate, row.entry());
  mutation.etag.clear();
  mutation.allow_missing = true;
  OREWATCH_ASSIGN_OR_RETURN(const auto live, transaction.Find(mutation.kind, mutation.key));
  if (live.has_value() && live->from_revision == transaction.revision()) {
    if (MessageDifferencer::Equals(live->entry, mutation.entry)) {
      report.set_unchanged(report.unchanged() + 1);
    } else {
      Reject(row, "", "another row has the same key and another value", report);
    }
    return absl::OkStatus();
  }
  const auto stored = writer.Put(mutation);
  if (!stored.ok()) {
    return RejectFor(row, stored.status(), report);
  }
  if (stored->from_revision != transaction.revision()) {
    report.set_unchanged(report.unchanged() + 1);
  } else {
    live.has_value() ? report.set_updated(report.updated() + 1) : report.set_created(report.created() + 1);
  }
  return absl::OkStatus();
}

absl::Status Importer::RejectFor(const v1::ImportRequest::Row& row, const absl::Status& status,
                                 v1::ImportResponse& report) {
  if (!one_set() && ErrorReason(status) == "REFERENCE_NOT_FOUND" && waiting_.size() < kMaxWaiting) {
    waiting_.push_back({row, std::string(status.message())});
    return absl::OkStatus();
  }
  switch (status.code()) {
    case absl::StatusCode::kInvalidArgument:
    case absl::StatusCode::kNotFound:
    case absl::StatusCode::kAlreadyExists:
    case absl::StatusCode::kPermissionDenied:
    case absl::StatusCode::kFailedPrecondition: {
      const auto violations = ViolationsOf(status);
      violations.empty() ? Reject(row, "", std::string(status.message()), report)
                         : Reject(row, violations.front().first, violations.front().second, report);
      return absl::OkStatus();
    }
    default:
      return status;
  }
}

void Importer::Reject(const v1::ImportRequest::Row& row, const std::string& field, const std::string& reason,
                      v1::ImportResponse& report) {
  report.set_rejected(report.rejected() + 1);
  constexpr size_t kMaxReportedBytes = 1000;
  if (report.rejections_size() == kMaxRejectionsNamed || rejection_bytes_ > kMaxRejectionBytes) {
    return;
  }
  const auto cut = [](const std::string& text) { return std::string(CutToBytes(text, kMaxReportedBytes)); };
  auto& rejection = *report.add_rejections();
  rejection.set_file(cut(row.file()));
  rejection.set_line(row.line());
  rejection.set_field(cut(field));
  rejection.set_reason(cut(reason));
  rejection_bytes_ += rejection.ByteSizeLong();
}

}  // namespace orewatch::registry
