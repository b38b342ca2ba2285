#include "services/registry/engine/importer.h"

#include <algorithm>
#include <future>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/status/status.h"
#include "common/text/utf8.h"
#include "google/protobuf/util/message_differencer.h"
#include "services/registry/domain/change_digest.h"
#include "services/registry/domain/validation.h"

namespace orewatch::registry {
namespace {

using google::protobuf::util::MessageDifferencer;

constexpr char kNotApplied[] = "NOT_APPLIED";

// Whether it takes something over from what contains it.
bool IsContained(const v1::Entry& entry) {
  const auto kind = KindOf(entry);
  return kind.has_value() && InfoOf(*kind).parent.has_value();
}

}  // namespace

absl::Status Importer::Add(v1::ImportRequest::Row row) {
  payload_.Add(CanonicalBytes(row));
  Keep(std::move(row));
  if (one_set() && batch_.rows.size() > kMaxAtomicRows) {
    return InvalidField(
        "rows", absl::StrCat("an import that is atomic, or only checked, takes at most ", kMaxAtomicRows, " rows"));
  }
  return !one_set() && batch_.rows.size() == kRowsPerRevision ? StartCommit() : absl::OkStatus();
}

void Importer::Keep(v1::ImportRequest::Row row) {
  if (const auto kind = KindOf(row.entry()); kind.has_value()) {
    std::string key = KeyOf(*kind, row.entry());
    AddTouched(*kind, key, row.entry(), batch_.touched);
    if (one_set() && IsResource(*kind)) {
      batch_.names.insert(std::move(key));
    }
  }
  FieldViolations violations = Validate(row.entry());
  batch_.rows.push_back({std::move(row), std::move(violations)});
}

absl::StatusOr<v1::ImportResponse> Importer::Finish() {
  if (!batch_.rows.empty()) {
    OREWATCH_RETURN_IF_ERROR(StartCommit());
  }
  OREWATCH_RETURN_IF_ERROR(AwaitCommit());
  OREWATCH_RETURN_IF_ERROR(CommitWaiting());
  *report_.mutable_revision() = registry_.RevisionOf(registry_.store().head());
  return std::move(report_);
}

absl::Status Importer::StartCommit() {
  OREWATCH_RETURN_IF_ERROR(AwaitCommit());
  commit_ = std::async(std::launch::async,
                       [this, batch = std::exchange(batch_, {})]() mutable { return Commit(std::move(batch)); });
  return absl::OkStatus();
}

absl::Status Importer::AwaitCommit() { return commit_.valid() ? commit_.get() : absl::OkStatus(); }

absl::Status Importer::Commit(Batch batch) {
  v1::ImportResponse report = report_;
  const auto write = [&](WriteTransaction& transaction) -> absl::StatusOr<std::string> {
    ChangeSetWriter writer(transaction, options_.author.principal, registry_.store().lineage());
    writer.AnnounceNames(std::move(batch.names));
    if (one_set()) {
      std::stable_partition(batch.rows.begin(), batch.rows.end(),
                            [](const CheckedRow& row) { return !IsContained(row.row.entry()); });
    }
    for (CheckedRow& row : batch.rows) {
      OREWATCH_RETURN_IF_ERROR(TakeRow(row, transaction, writer, report));
    }
    OREWATCH_RETURN_IF_ERROR(writer.PassOnVisibility());
    if (options_.validate_only || (options_.atomic && report.rejected() > 0)) {
      return MakeError(absl::StatusCode::kCancelled, kNotApplied, "rolled back");
    }
    return report.SerializeAsString();
  };
  OREWATCH_RETURN_IF_ERROR(Write(batch.touched, write, report));
  report_ = std::move(report);
  return absl::OkStatus();
}

absl::Status Importer::Write(const std::vector<EntryKey>& touched, const Registry::Body& write,
                             v1::ImportResponse& report) {
  if (!one_set()) {
    const auto commit = [&](WriteTransaction& transaction) { return write(transaction).status(); };
    return registry_.store().CommitTouching(touched, options_.author, commit).status();
  }
  const WriteOptions once{options_.author, payload_.Finish(), options_.validate_only};
  const auto answer = registry_.WriteOnce(once, touched, write);
  if (answer.ok()) {
    report.ParseFromString(*answer);
  } else if (ErrorReason(answer.status()) != kNotApplied) {
    return answer.status();
  } else if (!options_.validate_only) {
    report.set_created(0);
    report.set_updated(0);
  }
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
    if (batch_.rows.size() == kRowsPerRevision) {
      OREWATCH_RETURN_IF_ERROR(StartCommit());
    }
  }
  if (!batch_.rows.empty()) {
    OREWATCH_RETURN_IF_ERROR(StartCommit());
  }
  return AwaitCommit();
}

absl::Status Importer::TakeRow(CheckedRow& checked, WriteTransaction& transaction, ChangeSetWriter& writer,
                               v1::ImportResponse& report) {
  v1::ImportRequest::Row& row = checked.row;
  if (const FieldViolations& violations = checked.violations; !violations.empty()) {
    const auto& [field, reason] = violations.violations().front();
    Reject(row, field, reason, report);
    return absl::OkStatus();
  }
  Mutation mutation = PutOf(Mutation::Operation::kUpdate, std::move(*row.mutable_entry()));
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
    *row.mutable_entry() = std::move(mutation.entry);
    return RejectFor(std::move(row), stored.status(), report);
  }
  if (stored->from_revision != transaction.revision()) {
    report.set_unchanged(report.unchanged() + 1);
  } else {
    live.has_value() ? report.set_updated(report.updated() + 1) : report.set_created(report.created() + 1);
  }
  return absl::OkStatus();
}

absl::Status Importer::RejectFor(v1::ImportRequest::Row row, const absl::Status& status, v1::ImportResponse& report) {
  if (!one_set() && ErrorReason(status) == "REFERENCE_NOT_FOUND" && waiting_.size() < kMaxWaiting) {
    waiting_.push_back({std::move(row), std::string(status.message())});
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
