#include "services/registry/engine/importer.h"

#include <algorithm>
#include <future>
#include <utility>

#include "absl/hash/hash.h"
#include "absl/strings/str_cat.h"
#include "common/status/status.h"
#include "common/text/utf8.h"
#include "google/protobuf/util/message_differencer.h"
#include "services/registry/domain/change_digest.h"
#include "services/registry/domain/validation.h"
#include "services/registry/domain/visibility.h"
#include "services/registry/engine/dependency_order.h"

namespace orewatch::registry {
namespace {

using google::protobuf::util::MessageDifferencer;
using Outcome = RegistryMetrics::Outcome;

constexpr char kNotApplied[] = "NOT_APPLIED";
// Of a row beside its bytes, and of all that for each byte as it is sent, about.
constexpr size_t kBytesBesideRow = 200;
constexpr size_t kMemoryPerByte = 4;
constexpr size_t kBytesOfARemembered = 8;
constexpr absl::Duration kRetryAfter = absl::Seconds(5);

// Whether it takes something over from what contains it.
bool IsContained(const v1::Entry& entry) {
  const auto kind = KindOf(entry);
  return kind.has_value() && InfoOf(*kind).parent.has_value();
}

// Whether the entry as it has been written would stay as it is.
bool SaysTheSame(const Mutation& mutation, const StoredEntry& live) {
  v1::Entry merged = live.entry;
  Merge(mutation.kind, mutation.entry, mutation.mask, merged);
  return MessageDifferencer::Equals(merged, live.entry);
}

}  // namespace

absl::Status Importer::Add(v1::ImportRequest::Row row) {
  if (options_.atomic) {
    payload_.Add(CanonicalBytes(row));
  }
  Keep(std::move(row));
  if (options_.atomic && (batch_.rows.size() > kMaxAtomicRows || batch_.bytes > options_.limits.atomic)) {
    return InvalidField("rows", absl::StrCat("an atomic import takes at most ", kMaxAtomicRows, " rows and ",
                                             options_.limits.atomic >> 20U, " MiB"));
  }
  OREWATCH_RETURN_IF_ERROR(HoldMemory());
  return CommitIfFull();
}

absl::Status Importer::HoldMemory() {
  return memory_.Resize((batch_.bytes + committing_bytes_ + left_bytes_) * kMemoryPerByte)
             ? absl::OkStatus()
             : OverloadError("TOO_MANY_IMPORTS", "the imports under way take all the memory that there is for them",
                             kRetryAfter);
}

absl::Status Importer::CommitIfFull() {
  const bool full = batch_.rows.size() == kRowsPerRevision || batch_.bytes > options_.limits.revision;
  return full && !options_.atomic ? StartCommit() : absl::OkStatus();
}

void Importer::Keep(v1::ImportRequest::Row row) {
  const absl::optional<Kind> row_kind = KindOf(row.entry());
  FieldViolations violations = Validate(row.entry());
  violations.AddAll("", ValidateUnderstood(row.entry()).ToStatus());
  if (!violations.empty()) {
    // It is only reported.
    row.clear_entry();
  } else {
    const Kind kind = *KindOf(row.entry());
    std::string key = KeyOf(kind, row.entry());
    AddTouched(kind, key, row.entry(), batch_.touched);
    if (options_.atomic && IsResource(kind)) {
      batch_.names.insert(std::move(key));
    }
  }
  batch_.bytes += row.ByteSizeLong() + kBytesBesideRow;
  batch_.rows.push_back({std::move(row), std::move(violations), row_kind});
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
  if (!options_.wanted()) {
    return absl::CancelledError("nobody waits for the import any more");
  }
  committing_bytes_ = batch_.bytes;
  commit_ = std::async(std::launch::async,
                       [this, batch = std::exchange(batch_, {})]() mutable { return Commit(std::move(batch)); });
  return absl::OkStatus();
}

absl::Status Importer::AwaitCommit() {
  if (!commit_.valid()) {
    return absl::OkStatus();
  }
  absl::Status status = commit_.get();
  committing_bytes_ = 0;
  left_bytes_ = waiting_bytes_ + dry_run_.resource_bytes() + taken_.size() * kBytesOfARemembered;
  return status;
}

absl::Status Importer::Commit(Batch batch) {
  v1::ImportResponse report = report_;
  counted_.clear();
  // What contains comes before what it contains, which takes its visibility.
  std::stable_partition(batch.rows.begin(), batch.rows.end(),
                        [](const CheckedRow& row) { return !IsContained(row.row.entry()); });
  const auto write = [&](WriteTransaction& transaction) -> absl::StatusOr<std::string> {
    Portion portion{transaction, {transaction, options_.author.principal, registry_.store().lineage()}, report};
    portion.writer.AnnounceNames(std::move(batch.names));
    for (CheckedRow& row : batch.rows) {
      OREWATCH_RETURN_IF_ERROR(TakeRow(row, portion));
    }
    OREWATCH_RETURN_IF_ERROR(portion.writer.Finish());
    if (options_.atomic && (options_.validate_only || report.rejected() > 0)) {
      return MakeError(absl::StatusCode::kCancelled, kNotApplied, "rolled back");
    }
    return report.SerializeAsString();
  };
  const absl::Status written = Write(batch.touched, write, report);
  CountRows(batch, written, report);
  OREWATCH_RETURN_IF_ERROR(written);
  report_ = std::move(report);
  return dry_run_.resource_bytes() <= options_.limits.dry_run
             ? absl::OkStatus()
             : InvalidField("rows", absl::StrCat("a dry run takes at most ", options_.limits.dry_run >> 20U,
                                                 " MiB of resources; check them in parts"));
}

void Importer::CountRows(const Batch& batch, const absl::Status& written, const v1::ImportResponse& report) {
  RegistryMetrics* const metrics = registry_.metrics();
  if (metrics == nullptr || options_.validate_only) {
    return;
  }
  if (!written.ok() || replayed_) {
    for (const CheckedRow& row : batch.rows) {
      if (row.kind.has_value()) {
        metrics->CountMutation(*row.kind, Mutation::Operation::kUpdate,
                               replayed_ ? Outcome::kReplayed : RegistryMetrics::OutcomeOf(written));
      }
    }
    return;
  }
  // Of an atomic import nothing is written that could have been if a row is rejected.
  const bool none = options_.atomic && report.rejected() > 0;
  for (const Counted& row : counted_) {
    const bool spoilt = none && row.outcome == Outcome::kCommitted;
    metrics->CountMutation(row.kind, row.operation, spoilt ? Outcome::kInvalid : row.outcome);
  }
  const auto accepted = [](const v1::ImportResponse& one) { return one.created() + one.updated() + one.unchanged(); };
  metrics->CountImportRows(accepted(report) - accepted(report_), report.rejected() - report_.rejected());
}

void Importer::CountRejected(const v1::ImportRequest::Row& row) {
  if (registry_.metrics() != nullptr && !options_.validate_only) {
    registry_.metrics()->CountMutation(*KindOf(row.entry()), Mutation::Operation::kUpdate, Outcome::kInvalid);
    registry_.metrics()->CountImportRows(0, 1);
  }
}

absl::Status Importer::Write(const std::vector<EntryKey>& touched, const Registry::Body& write,
                             v1::ImportResponse& report) {
  if (!options_.atomic) {
    const auto body = [&](WriteTransaction& transaction) { return write(transaction).status(); };
    const auto commit = [&](WriteTransaction& transaction) {
      return options_.validate_only ? dry_run_.Write(transaction, body) : body(transaction);
    };
    return registry_.store().CommitTouching(touched, options_.author, commit).status();
  }
  const WriteOptions once{options_.author, payload_.Finish(), options_.validate_only};
  const auto answer = registry_.WriteOnce(once, touched, write);
  if (answer.ok()) {
    replayed_ = answer->replayed;
    report.ParseFromString(answer->bytes);
  } else if (ErrorReason(answer.status()) != kNotApplied) {
    return answer.status();
  } else if (!options_.validate_only || report.rejected() > 0) {
    report.set_created(0);
    report.set_updated(0);
  }
  return absl::OkStatus();
}

std::vector<v1::ImportRequest::Row> Importer::InOrder(std::vector<Waiting> waiting) {
  std::vector<std::vector<EntryKey>> touched(waiting.size());
  for (size_t i = 0; i < waiting.size(); ++i) {
    const v1::Entry& entry = waiting[i].row.entry();
    const Kind kind = *KindOf(entry);
    AddTouched(kind, KeyOf(kind, entry), entry, touched[i]);
  }
  std::vector<v1::ImportRequest::Row> rows;
  rows.reserve(waiting.size());
  for (const size_t i : DependencyOrder(touched)) {
    rows.push_back(std::move(waiting[i].row));
  }
  return rows;
}

absl::Status Importer::CommitWaiting() {
  size_t waited = 0;
  while (!waiting_.empty() && waiting_.size() != waited) {
    waited = waiting_.size();
    left_bytes_ -= std::exchange(waiting_bytes_, 0);
    OREWATCH_RETURN_IF_ERROR(CommitInPortions(InOrder(std::exchange(waiting_, {}))));
  }
  for (const Waiting& waiting : waiting_) {
    Reject(waiting.row, "", waiting.reason, report_);
    CountRejected(waiting.row);
  }
  // Those that waited came last.
  std::stable_sort(
      report_.mutable_rejections()->begin(), report_.mutable_rejections()->end(),
      [](const auto& a, const auto& b) { return a.file() != b.file() ? a.file() < b.file() : a.line() < b.line(); });
  return absl::OkStatus();
}

absl::Status Importer::CommitInPortions(std::vector<v1::ImportRequest::Row> rows) {
  for (v1::ImportRequest::Row& row : rows) {
    Keep(std::move(row));
    OREWATCH_RETURN_IF_ERROR(CommitIfFull());
  }
  if (!batch_.rows.empty()) {
    OREWATCH_RETURN_IF_ERROR(StartCommit());
  }
  return AwaitCommit();
}

absl::Status Importer::TakeRow(CheckedRow& checked, Portion& portion) {
  v1::ImportRequest::Row& row = checked.row;
  if (const FieldViolations& violations = checked.violations; !violations.empty()) {
    const auto& [field, reason] = violations.violations().front();
    Reject(row, field, reason, portion.report);
    if (checked.kind.has_value()) {
      counted_.push_back({*checked.kind, Mutation::Operation::kUpdate, Outcome::kInvalid});
    }
    return absl::OkStatus();
  }
  return TakeEntry(row, portion);
}

absl::Status Importer::TakeEntry(v1::ImportRequest::Row& row, Portion& portion) {
  Mutation mutation = PutOf(Mutation::Operation::kUpdate, std::move(*row.mutable_entry()));
  mutation.etag.clear();
  mutation.allow_missing = true;
  OREWATCH_ASSIGN_OR_RETURN(const auto live, portion.transaction.Find(mutation.kind, mutation.key));
  const uint64_t key = absl::HashOf(mutation.kind, mutation.key);
  const uint64_t value = absl::HashOf(CanonicalBytes(mutation.entry));
  const auto taken = taken_.find(key);
  // Somebody may have deleted, or hidden, meanwhile what was taken.
  const bool repeated =
      taken != taken_.end() &&
      (taken->second == value ||
       (live.has_value() && MayRead(options_.author.principal, live->entry) && SaysTheSame(mutation, *live)));
  Counted counted{mutation.kind, live.has_value() ? Mutation::Operation::kUpdate : Mutation::Operation::kCreate,
                  Outcome::kCommitted};
  if (repeated) {
    portion.report.set_unchanged(portion.report.unchanged() + 1);
    counted_.push_back(counted);
    return absl::OkStatus();
  }
  if (taken != taken_.end()) {
    Reject(row, "", "another row has the same key and another value", portion.report);
    counted.outcome = Outcome::kInvalid;
    counted_.push_back(counted);
    return absl::OkStatus();
  }
  const auto stored = portion.writer.Put(mutation);
  if (ErrorReason(stored.status()) == "NOT_OWNER" && live.has_value() && SaysTheSame(mutation, *live)) {
    portion.report.set_unchanged(portion.report.unchanged() + 1);
    counted_.push_back(counted);
    return absl::OkStatus();
  }
  if (!stored.ok()) {
    *row.mutable_entry() = std::move(mutation.entry);
    const auto rejected = portion.report.rejected();
    OREWATCH_RETURN_IF_ERROR(RejectFor(std::move(row), stored.status(), portion.report));
    // Else it waits.
    if (portion.report.rejected() != rejected) {
      counted.outcome = RegistryMetrics::OutcomeOf(stored.status());
      counted_.push_back(counted);
    }
    return absl::OkStatus();
  }
  counted_.push_back(counted);
  if (taken_.size() < kMaxRemembered) {
    taken_.emplace(key, value);
  }
  Count(live.has_value(), stored->from_revision == portion.transaction.revision(), portion.report);
  return absl::OkStatus();
}

void Importer::Count(bool was_there, bool written, v1::ImportResponse& report) {
  if (!written) {
    report.set_unchanged(report.unchanged() + 1);
  } else if (was_there) {
    report.set_updated(report.updated() + 1);
  } else {
    report.set_created(report.created() + 1);
  }
}

bool Importer::Wait(v1::ImportRequest::Row& row, absl::string_view reason) {
  waiting_bytes_ += row.ByteSizeLong() + kBytesBesideRow;
  if (options_.atomic || waiting_.size() >= kMaxWaiting || waiting_bytes_ > options_.limits.waiting) {
    return false;
  }
  waiting_.push_back({std::move(row), std::string(reason)});
  return true;
}

absl::Status Importer::RejectFor(v1::ImportRequest::Row row, const absl::Status& status, v1::ImportResponse& report) {
  if (ErrorReason(status) == "REFERENCE_NOT_FOUND" && Wait(row, status.message())) {
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
