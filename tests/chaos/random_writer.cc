#include "tests/chaos/random_writer.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/status/status.h"
#include "services/registry/domain/statistic_key.h"

namespace orewatch::testing {
namespace {

using registry::v1::ApplyChangesRequest;
using registry::v1::ApplyChangesResponse;
using registry::v1::BatchGetRequest;
using registry::v1::BatchGetResponse;
using registry::v1::Change;
using registry::v1::Entry;
using registry::v1::Mutation;
using registry::v1::Supplier;

constexpr int kSharedMinerals = 3;
constexpr absl::Duration kPause = absl::Milliseconds(20);
constexpr absl::Duration kPatienceAfterStop = absl::Seconds(40);

std::string SharedMineral(int64_t number) { return absl::StrCat("minerals/shared-", number); }

Entry EntryOf(const Supplier& supplier) {
  Entry entry;
  *entry.mutable_supplier() = supplier;
  return entry;
}

ExpectedChange Expect(Change::Operation operation, const std::string& name, const Entry& after = Entry()) {
  return {operation, name, after};
}

Mutation& Add(Mutation::Operation operation, const Entry& entry, ApplyChangesRequest& request) {
  Mutation& mutation = *request.add_mutations();
  mutation.set_operation(operation);
  *mutation.mutable_entry() = entry;
  return mutation;
}

std::string IdOf(const std::string& name) { return name.substr(name.rfind('/') + 1); }

}  // namespace

RecordedWrite CreateSharedEntries(RegistryStub& registry) {
  ApplyChangesRequest request;
  request.set_request_id("shared");
  RecordedWrite write;
  write.request_id = request.request_id();
  std::vector<std::string> entries = {CountryEntry("AU")};
  for (int64_t i = 0; i < kSharedMinerals; ++i) {
    entries.push_back(MineralEntry(IdOf(SharedMineral(i))));
  }
  for (const std::string& text : entries) {
    Entry entry;
    EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(text, &entry));
    Add(Mutation::OPERATION_CREATE, entry, request);
    write.changes.push_back(
        Expect(Change::OPERATION_CREATE, entry.has_country() ? entry.country().name() : entry.mineral().name(), entry));
  }
  const auto applied = Call(registry, &RegistryStub::ApplyChanges, request);
  EXPECT_TRUE(applied.ok()) << applied.status();
  if (applied.ok()) {
    write.outcome = RecordedWrite::Outcome::kAcknowledged;
    write.revision = applied->revision();
  }
  return write;
}

void AcknowledgedWrites::Add() {
  absl::MutexLock lock(&mutex_);
  ++count_;
}

bool AcknowledgedWrites::Await(int64_t more, absl::Duration patience) {
  absl::MutexLock lock(&mutex_);
  const int64_t wanted = count_ + more;
  const auto there = [this, wanted]() ABSL_SHARED_LOCKS_REQUIRED(mutex_) { return count_ >= wanted; };
  return mutex_.AwaitWithTimeout(absl::Condition(&there), patience);
}

RandomWriter::RandomWriter(int number, uint64_t seed, const std::vector<std::string>& replicas,
                           AcknowledgedWrites& acknowledged)
    : number_(number), random_(seed), caller_(replicas, random_), acknowledged_(acknowledged), thread_([this] {
        WriteUntilStopped();
      }) {}

void RandomWriter::Stop() {
  {
    absl::MutexLock lock(&mutex_);
    stopped_ = true;
  }
  if (thread_.joinable()) {
    thread_.join();
  }
}

bool RandomWriter::stopped() {
  absl::MutexLock lock(&mutex_);
  return stopped_;
}

void RandomWriter::WriteUntilStopped() {
  while (!stopped()) {
    WriteOnce();
  }
}

void RandomWriter::WriteOnce() {
  constexpr int64_t kKinds = 10;
  const int64_t kind = Between(1, kKinds, random_);
  if (kind == 1) {
    return RenameSharedMinerals();
  }
  if (kind == 2) {
    return CreateWithFacilityAndStatistic();
  }
  constexpr int64_t kCreations = 4;
  if (kind <= kCreations || owned_.empty()) {
    return Create();
  }
  auto it = owned_.begin();
  // Among the newest, so that some entries have a long history.
  constexpr int64_t kInUse = 20;
  std::advance(it, Between(0, std::min(kInUse, static_cast<int64_t>(owned_.size())) - 1, random_));
  Owned owned = it->second;
  if (owned.deleted) {
    return Undelete(owned);
  }
  constexpr int64_t kDeletionIsOneIn = 4;
  OneIn(kDeletionIsOneIn, random_) ? Delete(owned) : Update(owned);
}

std::string RandomWriter::NewText() {
  // From a few bytes to more than a page of the database.
  constexpr int64_t kMostBytes = 6000;
  constexpr int64_t kLongIsOneIn = 10;
  constexpr int64_t kShort = 60;
  const int64_t bytes = Between(0, OneIn(kLongIsOneIn, random_) ? kMostBytes : kShort, random_);
  return absl::StrCat("text ", number_, ".", ++texts_, " ", std::string(static_cast<size_t>(bytes), 'x'));
}

Supplier RandomWriter::NewSupplier() {
  Supplier supplier;
  supplier.set_name(absl::StrCat("suppliers/w", number_, "-", ++created_));
  supplier.set_display_name(NewText());
  (*supplier.mutable_identifiers())["lei"] = absl::StrCat("L", created_);
  (*supplier.mutable_identifiers())["ticker"] = absl::StrCat("T", created_);
  supplier.mutable_provenance()->set_source("a test");
  return supplier;
}

std::optional<RandomWriter::Answer> RandomWriter::Write(std::vector<ExpectedChange> changes, const Attempt& attempt) {
  constexpr int64_t kGivesUpOneIn = 8;
  RecordedWrite& write = writes_.emplace_back();
  write.request_id = absl::StrCat("w", number_, "-", writes_.size());
  write.changes = std::move(changes);
  for (absl::Time give_up = absl::InfiniteFuture(); absl::Now() < give_up;) {
    const absl::StatusOr<Answer> answer = attempt(write.request_id);
    write.error = answer.status();
    if (answer.ok()) {
      write.outcome = RecordedWrite::Outcome::kAcknowledged;
      write.revision = answer->revision;
      acknowledged_.Add();
      return *answer;
    }
    if (!ReplicaCaller::IsTransient(answer.status())) {
      write.outcome = RecordedWrite::Outcome::kRefused;
      return std::nullopt;
    }
    if (OneIn(kGivesUpOneIn, random_)) {
      return std::nullopt;
    }
    caller_.Turn();
    absl::SleepFor(kPause);
    if (stopped() && give_up == absl::InfiniteFuture()) {
      give_up = absl::Now() + kPatienceAfterStop;
    }
  }
  return std::nullopt;
}

void RandomWriter::NoteAnswer(const std::string& name, const std::optional<Answer>& answer, const Supplier& supplier,
                              bool deleted) {
  if (!answer.has_value()) {
    // Whether it is as it was nobody knows; refused or not, it is left alone.
    owned_.erase(name);
    return;
  }
  owned_[name] = {supplier, answer->etag, deleted};
  constexpr int64_t kReadBackIsOneIn = 4;
  if (OneIn(kReadBackIsOneIn, random_)) {
    ReadBack(name, answer->revision.number());
  }
}

void RandomWriter::Create() {
  const Supplier supplier = NewSupplier();
  const auto answer =
      Write({Expect(Change::OPERATION_CREATE, supplier.name(), EntryOf(supplier))},
            [&](const std::string& request_id) -> absl::StatusOr<Answer> {
              registry::v1::CreateSupplierRequest request;
              *request.mutable_supplier() = supplier;
              request.set_supplier_id(IdOf(supplier.name()));
              request.set_request_id(request_id);
              OREWATCH_ASSIGN_OR_RETURN(const Supplier created, caller_.Call(&RegistryStub::CreateSupplier, request));
              return Answer{created.metadata().revision(), created.metadata().etag()};
            });
  NoteAnswer(supplier.name(), answer, supplier, /*deleted=*/false);
}

void RandomWriter::Update(Owned& owned) {
  owned.supplier.set_display_name(NewText());
  const bool by_mask = OneIn(2, random_);
  const Supplier& supplier = owned.supplier;
  const auto answer =
      Write({Expect(Change::OPERATION_UPDATE, supplier.name(), EntryOf(supplier))},
            [&](const std::string& request_id) -> absl::StatusOr<Answer> {
              registry::v1::UpdateSupplierRequest request;
              *request.mutable_supplier() = supplier;
              if (by_mask) {
                request.mutable_supplier()->clear_identifiers();
                request.mutable_update_mask()->add_paths("display_name");
              }
              request.mutable_supplier()->mutable_metadata()->set_etag(owned.etag);
              request.set_request_id(request_id);
              OREWATCH_ASSIGN_OR_RETURN(const Supplier updated, caller_.Call(&RegistryStub::UpdateSupplier, request));
              return Answer{updated.metadata().revision(), updated.metadata().etag()};
            });
  NoteAnswer(supplier.name(), answer, supplier, /*deleted=*/false);
}

void RandomWriter::Delete(Owned& owned) {
  const std::string& name = owned.supplier.name();
  const auto answer =
      Write({Expect(Change::OPERATION_DELETE, name)}, [&](const std::string& request_id) -> absl::StatusOr<Answer> {
        registry::v1::DeleteSupplierRequest request;
        request.set_name(name);
        request.set_etag(owned.etag);
        request.set_request_id(request_id);
        OREWATCH_ASSIGN_OR_RETURN(const Supplier deleted, caller_.Call(&RegistryStub::DeleteSupplier, request));
        return Answer{deleted.metadata().revision(), deleted.metadata().etag()};
      });
  NoteAnswer(name, answer, owned.supplier, /*deleted=*/true);
}

void RandomWriter::Undelete(Owned& owned) {
  const std::string& name = owned.supplier.name();
  const auto answer =
      Write({Expect(Change::OPERATION_UNDELETE, name, EntryOf(owned.supplier))},
            [&](const std::string& request_id) -> absl::StatusOr<Answer> {
              registry::v1::UndeleteSupplierRequest request;
              request.set_name(name);
              request.set_etag(owned.etag);
              request.set_request_id(request_id);
              OREWATCH_ASSIGN_OR_RETURN(const Supplier back, caller_.Call(&RegistryStub::UndeleteSupplier, request));
              return Answer{back.metadata().revision(), back.metadata().etag()};
            });
  NoteAnswer(name, answer, owned.supplier, /*deleted=*/false);
}

void RandomWriter::CreateWithFacilityAndStatistic() {
  const Supplier supplier = NewSupplier();
  Entry facility;
  facility.mutable_facility()->set_name(supplier.name() + "/facilities/mine");
  facility.mutable_facility()->set_country("countries/AU");
  facility.mutable_facility()->mutable_provenance()->set_source("a test");
  Entry figure;
  EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(
      ProductionEntry(IdOf(SharedMineral(0)), "AU", static_cast<double>(++statistics_)), &figure));
  figure.mutable_statistic()->set_dataset(absl::StrCat("w", number_, "-", statistics_));
  ApplyChangesRequest request;
  // The order within a set is the registry's to choose.
  Add(Mutation::OPERATION_CREATE, facility, request);
  Add(Mutation::OPERATION_CREATE, EntryOf(supplier), request);
  Add(Mutation::OPERATION_CREATE, figure, request);
  std::vector<ExpectedChange> changes = {
      Expect(Change::OPERATION_CREATE, facility.facility().name(), facility),
      Expect(Change::OPERATION_CREATE, supplier.name(), EntryOf(supplier)),
      Expect(Change::OPERATION_CREATE, registry::StatisticKey(figure.statistic()), figure)};
  const auto answer = Write(std::move(changes), [&](const std::string& request_id) -> absl::StatusOr<Answer> {
    request.set_request_id(request_id);
    OREWATCH_ASSIGN_OR_RETURN(const ApplyChangesResponse applied, caller_.Call(&RegistryStub::ApplyChanges, request));
    return Answer{applied.revision(), applied.results(1).etag()};
  });
  // A facility stands in it: it can be changed, and not deleted.
  NoteAnswer(supplier.name(), answer, supplier, /*deleted=*/false);
}

void RandomWriter::RenameSharedMinerals() {
  BatchGetRequest batch;
  for (int64_t i = 0; i < kSharedMinerals; ++i) {
    batch.add_names(SharedMineral(i));
  }
  const auto found = Read<BatchGetResponse>([&] { return caller_.Call(&RegistryStub::BatchGet, batch); });
  RecordedRead& read = reads_.emplace_back();
  read.names.assign(batch.names().begin(), batch.names().end());
  read.error = found.status();
  if (!found.ok()) {
    return;
  }
  read.entries.assign(found->entries().begin(), found->entries().end());
  read.revision = found->revision().number();
  ApplyChangesRequest request;
  std::vector<ExpectedChange> changes;
  // Two at once: where another writer was faster with one of them, neither is renamed.
  const int64_t left_out = Between(0, kSharedMinerals - 1, random_);
  for (const Entry& entry : found->entries()) {
    if (entry.mineral().name() != SharedMineral(left_out)) {
      Entry renamed = entry;
      renamed.mutable_mineral()->set_display_name(NewText());
      Add(Mutation::OPERATION_UPDATE, renamed, request);
      renamed.mutable_mineral()->clear_metadata();
      changes.push_back(Expect(Change::OPERATION_UPDATE, renamed.mineral().name(), renamed));
    }
  }
  Write(std::move(changes), [&](const std::string& request_id) -> absl::StatusOr<Answer> {
    request.set_request_id(request_id);
    OREWATCH_ASSIGN_OR_RETURN(const ApplyChangesResponse applied, caller_.Call(&RegistryStub::ApplyChanges, request));
    return Answer{applied.revision(), ""};
  });
}

template <typename Response>
absl::StatusOr<Response> RandomWriter::Read(const std::function<absl::StatusOr<Response>()>& read) {
  for (const absl::Time give_up = absl::Now() + kPatienceAfterStop;; caller_.Turn()) {
    absl::StatusOr<Response> response = read();
    if (response.ok() || !ReplicaCaller::IsTransient(response.status()) || absl::Now() > give_up) {
      return response;
    }
    absl::SleepFor(kPause);
  }
}

void RandomWriter::ReadBack(const std::string& supplier, int64_t revision) {
  caller_.Turn();
  registry::v1::GetSupplierRequest request;
  request.set_name(supplier);
  request.set_min_revision(revision);
  const auto found = Read<Supplier>([&] { return caller_.Call(&RegistryStub::GetSupplier, request); });
  RecordedRead& read = reads_.emplace_back();
  read.names = {supplier};
  read.min_revision = revision;
  read.error = found.status();
  if (found.ok()) {
    read.entries = {EntryOf(*found)};
  }
}

}  // namespace orewatch::testing
