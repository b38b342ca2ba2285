#include "common/audit/audit_log.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/log/log.h"
#include "common/rpc/grpc_status.h"
#include "common/rpc/rate_limiter.h"
#include "common/status/status.h"
#include "common/text/utf8.h"
#include "common/time/steady.h"

namespace orewatch::audit {
namespace {

// How often sums are looked for, and what failed is tried again.
constexpr absl::Duration kLongestPause = absl::Seconds(1);
// Records kept while they cannot be written; those beyond are lost.
constexpr size_t kMaxUnwritten = 10'000;
// What callers choose is cut to this.
constexpr size_t kMaxTextBytes = 256;

std::string Cut(const std::string& text) { return std::string(CutToBytes(text, kMaxTextBytes)); }

std::string CodeText(absl::StatusCode code) { return rpc::CodeName(static_cast<int>(code)); }

// Where the log is and what is wrong with it is in ours: callers have no use for it.
absl::Status Unavailable() {
  return MakeError(absl::StatusCode::kUnavailable, "AUDIT_LOG_UNAVAILABLE",
                   "the audit log cannot be written; nothing can be changed meanwhile");
}

Record MakeRecord(const char* kind, const rpc::CallRecord& call) {
  Record record;
  record.time = call.start;
  record.kind = kind;
  if (call.caller.has_value()) {
    record.principal = Cut(call.caller->principal);
    record.role = access::v1::Role_Name(call.caller->role);
    record.credential = Cut(call.caller->credential);
    record.through = Cut(call.caller->through);
  }
  record.peer = Cut(call.peer);
  record.method = Cut(call.method);
  record.resources = call.subject.resources;
  // One need not be counted.
  record.resource_count = call.subject.count == 1 ? 0 : call.subject.count;
  record.request_id = Cut(call.subject.request_id);
  record.trace_id = call.trace_id;
  record.code = CodeText(call.code);
  record.reason = call.reason;
  if (call.told != call.code) {
    record.told = CodeText(call.told);
  }
  record.duration = call.duration;
  record.revision = call.revision;
  return record;
}

Record MakeRecord(const rpc::RefusalCounter::Sum& sum, absl::Time now) {
  Record record;
  record.time = now;
  record.kind = kRefusals;
  (sum.known ? record.principal : record.peer) = sum.caller;
  record.method = sum.method;
  record.code = sum.code;
  record.reason = sum.reason;
  record.count = sum.count;
  record.since = sum.since;
  return record;
}

Record MakeRecord(const char* kind, int64_t count, absl::Time now) {
  Record record;
  record.time = now;
  record.kind = kind;
  record.count = count;
  return record;
}

// The last `count` are of calls whose callers are told so.
void MarkUnacknowledged(const absl::Status& status, size_t count, std::vector<Record>& records) {
  for (auto record = records.end() - static_cast<ptrdiff_t>(count); record != records.end(); ++record) {
    if (record->kind == kChange && record->code == CodeText(absl::StatusCode::kOk)) {
      record->told = CodeText(status.code());
    }
  }
}

rpc::RefusalCounter::Sum SumOf(const rpc::CallRecord& call) {
  rpc::RefusalCounter::Sum sum;
  sum.known = call.caller.has_value() && call.caller->credential != rpc::kNoCredential;
  sum.caller = sum.known ? Cut(call.caller->principal) : std::string(rpc::HostOfPeer(call.peer));
  sum.reason = call.reason.empty() ? CodeText(call.code) : call.reason;
  sum.method = Cut(call.method);
  sum.code = CodeText(call.code);
  return sum;
}

}  // namespace

absl::StatusOr<std::unique_ptr<AuditLog>> AuditLog::Open(const Options& options, std::unique_ptr<AnchorStore> anchors,
                                                         const Clock& clock, AuditMetrics& metrics) {
  OREWATCH_ASSIGN_OR_RETURN(auto file, ChainFile::Open(options.file));
  std::unique_ptr<AuditLog> log(new AuditLog(options, std::move(file), std::move(anchors), clock, metrics));
  OREWATCH_RETURN_IF_ERROR(log->WriteStart());
  log->writer_ = std::thread([raw = log.get()] { raw->WriteUntilClosed(); });
  log->anchorer_ = std::thread([raw = log.get()] { raw->AnchorUntilClosed(); });
  return log;
}

AuditLog::AuditLog(const Options& options, std::unique_ptr<ChainFile> file, std::unique_ptr<AnchorStore> anchors,
                   const Clock& clock, AuditMetrics& metrics)
    : options_(options),
      clock_(clock),
      metrics_(metrics),
      file_(std::move(file)),
      found_(file_->head()),
      refusals_(options.refusals),
      head_(file_->head()),
      anchors_(std::move(anchors)) {}

absl::Status AuditLog::WriteStart() {
  std::vector<Record> records;
  if (file_->torn_bytes() > 0) {
    records.push_back(MakeRecord(kTorn, file_->torn_bytes(), clock_.Now()));
  }
  records.push_back(MakeRecord(kStart, 0, clock_.Now()));
  OREWATCH_RETURN_IF_ERROR(file_->Append(records));
  metrics_.writable.Set(1);
  metrics_.sequence.Set(static_cast<double>(file_->head().sequence));
  absl::MutexLock lock(&mutex_);
  head_ = file_->head();
  return absl::OkStatus();
}

void AuditLog::CompareWithAnchors() {
  absl::MutexLock lock(&anchor_mutex_);
  if (anchors_ == nullptr) {
    return;
  }
  const auto known = anchors_->List();
  if (!known.ok()) {
    // Nothing is there yet, or the database is away.
    return log::Info("the anchors of the audit log cannot be read", {{"status", known.status().ToString()}});
  }
  for (const audit::Anchor& anchor : *known) {
    // Of another log than this one something is missing only if this one has just begun in its place.
    const bool beyond =
        anchor.chain == found_.chain
            ? anchor.sequence > found_.sequence || (anchor.sequence == found_.sequence && anchor.hash != found_.hash)
            : found_.sequence == 0;
    if (anchor.process == options_.file.process && beyond) {
      return log::Error("the audit log is not the one that was anchored: records are missing or were replaced",
                        {{"anchored_chain", anchor.chain},
                         {"anchored_sequence", anchor.sequence},
                         {"chain", found_.chain},
                         {"sequence", found_.sequence}});
    }
  }
}

AuditLog::~AuditLog() {
  {
    absl::MutexLock lock(&mutex_);
    closed_ = true;
    arrived_.SignalAll();
  }
  anchoring_.Stop();
  // Not there if it was never quite opened.
  if (writer_.joinable()) {
    writer_.join();
    anchorer_.join();
    if (const absl::Status status = Anchor(); !status.ok()) {
      log::Error("the last record of the audit log is not anchored", {{"status", status.ToString()}});
    }
  }
}

absl::Status AuditLog::MayChange() {
  absl::MutexLock lock(&mutex_);
  return options_.fail_open ? absl::OkStatus() : writable_;
}

Head AuditLog::head() const {
  absl::MutexLock lock(&mutex_);
  return head_;
}

void AuditLog::Add(Entry entry) {
  absl::MutexLock lock(&mutex_);
  entries_.push_back(std::move(entry));
  arrived_.SignalAll();
}

void AuditLog::Keep(rpc::CallRecord record, std::function<void(const absl::Status&)> kept) {
  metrics_.changes.Increment();
  Add({MakeRecord(kChange, record), std::move(kept)});
}

void AuditLog::Note(rpc::CallRecord record) {
  const rpc::RefusalCounter::Sum sum = SumOf(record);
  absl::MutexLock lock(&mutex_);
  if (!refusals_.Tell(sum, clock_.Now())) {
    metrics_.summed.Increment();
    return;
  }
  metrics_.refusals.Increment();
  if (entries_.size() >= kMaxUnwritten) {
    // The writer stands in a write that does not end; changes wait for it, and refusals must not pile up.
    metrics_.lost.Increment();
    ++unheard_;
    return;
  }
  entries_.push_back({MakeRecord(kRefusal, record), nullptr});
  arrived_.SignalAll();
}

void AuditLog::AddSums(const std::vector<rpc::RefusalCounter::Sum>& sums) {
  for (const auto& sum : sums) {
    entries_.push_back({MakeRecord(sum, clock_.Now()), nullptr});
  }
}

std::vector<AuditLog::Entry> AuditLog::TakeEntries(bool& closed) {
  absl::MutexLock lock(&mutex_);
  if (!closed_ && entries_.empty()) {
    arrived_.WaitFor(mutex_, kLongestPause);
  }
  closed = closed_;
  lost_ += std::exchange(unheard_, 0);
  AddSums(closed ? refusals_.TakeAll() : refusals_.TakeEnded(clock_.Now()));
  return std::exchange(entries_, {});
}

void AuditLog::WriteUntilClosed() {
  for (bool closed = false; !closed;) {
    Write(TakeEntries(closed));
  }
}

void AuditLog::Write(std::vector<Entry> entries) {
  std::vector<Record> records = std::exchange(unwritten_, {});
  if (lost_ > 0) {
    records.push_back(MakeRecord(kLost, lost_, clock_.Now()));
  }
  for (Entry& entry : entries) {
    records.push_back(std::move(entry.record));
  }
  if (records.empty()) {
    return;
  }
  const absl::Time begin = SteadyNow();
  const absl::Status status = file_->Append(records);
  metrics_.write_seconds.Observe(absl::ToDoubleSeconds(SteadyNow() - begin));
  const absl::Status told = status.ok() ? status : Unavailable();
  {
    absl::MutexLock lock(&mutex_);
    if (status.ok() != writable_.ok()) {
      log::Write(status.ok() ? log::Level::kInfo : log::Level::kError, "the audit log",
                 {{"writable", status.ok()}, {"status", status.ToString()}});
    }
    writable_ = told;
    head_ = file_->head();
  }
  metrics_.writable.Set(status.ok() ? 1 : 0);
  metrics_.sequence.Set(static_cast<double>(file_->head().sequence));
  if (status.ok()) {
    lost_ = 0;
  } else {
    metrics_.write_failures.Increment();
    if (options_.storage != nullptr) {
      options_.storage->CountWriteError(storage::WriteErrorOf(file_->error()));
    }
    if (!options_.fail_open) {
      MarkUnacknowledged(status, entries.size(), records);
    }
    KeepForLater(std::move(records));
  }
  for (const Entry& entry : entries) {
    if (entry.kept != nullptr) {
      entry.kept(options_.fail_open ? absl::OkStatus() : told);
    }
  }
}

void AuditLog::KeepForLater(std::vector<Record> records) {
  // How many are lost is said anew.
  records.erase(
      std::remove_if(records.begin(), records.end(), [](const Record& record) { return record.kind == kLost; }),
      records.end());
  if (records.size() > kMaxUnwritten) {
    const auto beyond = static_cast<int64_t>(records.size() - kMaxUnwritten);
    lost_ += beyond;
    metrics_.lost.Increment(static_cast<double>(beyond));
    records.resize(kMaxUnwritten);
  }
  unwritten_ = std::move(records);
}

absl::Status AuditLog::Anchor() {
  const Head head = this->head();
  absl::MutexLock lock(&anchor_mutex_);
  if (anchors_ == nullptr || head.sequence == anchored_) {
    return absl::OkStatus();
  }
  absl::Status status = anchors_->Put({options_.file.process, head.chain, head.sequence, head.hash, clock_.Now()});
  if (!status.ok()) {
    metrics_.anchor_failures.Increment();
    return status;
  }
  anchored_ = head.sequence;
  metrics_.anchored_sequence.Set(static_cast<double>(head.sequence));
  return absl::OkStatus();
}

void AuditLog::AnchorUntilClosed() {
  CompareWithAnchors();
  absl::Time next = clock_.Now();
  do {
    if (const absl::Time now = clock_.Now(); now >= next) {
      next = now + options_.anchor_interval;
      if (const absl::Status status = Anchor(); !status.ok()) {
        log::Warning("the audit log could not be anchored", {{"status", status.ToString()}});
      }
    }
  } while (anchoring_.SleepFor(std::min(options_.anchor_interval, kLongestPause)));
}

}  // namespace orewatch::audit
