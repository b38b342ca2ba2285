#include "tests/bench/registry/subjects.h"

#include <algorithm>
#include <filesystem>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "tests/bench/registry/raw_postgres.h"
#include "tests/bench/support/die.h"
#include "tests/bench/support/load.h"
#include "tests/bench/support/metric.h"

namespace orewatch::bench {
namespace {

using registry::v1::Entry;
using registry::v1::ImportRequest;
using registry::v1::ImportResponse;

constexpr int64_t kRowsAMessage = 1000;

// Empty for an engine that keeps files of its own.
std::string DatabaseFor(const std::string& engine) {
  if (engine != kSqlite && engine != kPostgres) {
    Die(absl::StrCat("no engine ", engine));
  }
  return engine == kPostgres ? NewPostgresDatabase() : "";
}

}  // namespace

RegistryProcess::RegistryProcess(const std::string& engine)
    : database_(DatabaseFor(engine)),
      process_(
          "orewatch-registry", dir_ / "log",
          {database_.empty() ? absl::StrCat("--data_dir=", dir_ / "data") : absl::StrCat("--database=", database_)}),
      channel_(NewChannel()),
      stub_(registry::v1::Registry::NewStub(channel_)) {}

std::shared_ptr<grpc::Channel> RegistryProcess::NewChannel() const { return ConnectTo(process_.address()); }

void RegistryProcess::Import(const std::vector<Entry>& entries) {
  Import([&](int64_t number) { return entries[static_cast<size_t>(number)]; }, 0, static_cast<int64_t>(entries.size()));
}

double RegistryProcess::Import(const MakeEntry& make, int64_t first, int64_t count) {
  const absl::Time start = absl::Now();
  grpc::ClientContext context;
  ImportResponse response;
  const auto writer = stub_->Import(&context, &response);
  for (int64_t next = first; next < first + count;) {
    ImportRequest request;
    for (const int64_t end = std::min(next + kRowsAMessage, first + count); next < end; ++next) {
      *request.add_rows()->mutable_entry() = make(next);
    }
    writer->Write(request);
  }
  writer->WritesDone();
  const grpc::Status status = writer->Finish();
  if (!status.ok() || response.created() != count) {
    Die(absl::StrCat("an import failed: ", status.error_message(), response.ShortDebugString().substr(0, 500)));
  }
  return static_cast<double>(count) / absl::ToDoubleSeconds(absl::Now() - start);
}

int64_t RegistryProcess::resident_bytes() const {
  return static_cast<int64_t>(MetricOf(process_, "process_resident_memory_bytes"));
}

double RegistryProcess::processor_seconds() const { return MetricOf(process_, "process_cpu_seconds_total"); }

int64_t RegistryProcess::disk_bytes() const {
  if (!database_.empty()) {
    return PostgresDatabaseBytes(database_);
  }
  int64_t bytes = 0;
  for (const auto& file : std::filesystem::directory_iterator(dir_ / "data")) {
    bytes += static_cast<int64_t>(file.file_size());
  }
  return bytes;
}

}  // namespace orewatch::bench
