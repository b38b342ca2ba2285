#include "tests/testing/registry_files.h"

#include <filesystem>
#include <fstream>
#include <iterator>

#include "google/protobuf/util/message_differencer.h"

namespace orewatch::testing {
namespace {

using registry::v1::Entry;

std::map<std::string, std::string> FilesIn(const std::string& folder) {
  std::map<std::string, std::string> files;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    std::ifstream file(entry.path(), std::ios::binary);
    files[entry.path().filename().string()] = {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
  }
  return files;
}

void ClearMetadata(Entry& entry) {
  const auto* value = entry.GetReflection()->GetOneofFieldDescriptor(entry, Entry::descriptor()->oneof_decl(0));
  ASSERT_NE(value, nullptr);
  auto* resource = entry.GetReflection()->MutableMessage(&entry, value);
  if (const auto* metadata = value->message_type()->FindFieldByName("metadata"); metadata != nullptr) {
    resource->GetReflection()->ClearField(resource, metadata);
  }
}

void ExportCsv(LoneRegistry& registry, const std::string& folder) {
  const Finished exported = registry.Ctl({"export", "-o", "csv", "-f", folder});
  ASSERT_EQ(exported.code, 0) << exported.output;
}

}  // namespace

Finished LoneRegistry::Ctl(std::vector<std::string> words) {
  words.insert(words.begin(), {"--address", process_.address()});
  return RunToEnd({.program = "orewatchctl", .arguments = std::move(words)}, absl::Minutes(4));
}

std::string LoneRegistry::ImportFiles(const std::vector<std::string>& paths) {
  std::vector<std::string> words = {"import"};
  words.insert(words.end(), paths.begin(), paths.end());
  Finished import = Ctl(std::move(words));
  EXPECT_EQ(import.code, 0) << import.output;
  return std::move(import.output);
}

int64_t LoneRegistry::Head() {
  const auto head = Call(stub, &RegistryStub::GetHead, {});
  EXPECT_TRUE(head.ok()) << head.status();
  return head.ok() ? head->revision().number() : -1;
}

std::vector<registry::v1::Statistic> LoneRegistry::Statistics(registry::v1::StatisticKind kind) {
  std::vector<registry::v1::Statistic> statistics;
  registry::v1::ListStatisticsRequest request;
  request.set_kind(kind);
  ListAll(stub, &RegistryStub::ListStatistics, request, [&](const auto& page) {
    statistics.insert(statistics.end(), page.statistics().begin(), page.statistics().end());
  });
  return statistics;
}

Snapshot SnapshotOf(RegistryStub& registry) {
  grpc::ClientContext context;
  LimitCall(context, absl::Minutes(1));
  const auto reader = registry.Export(&context, registry::v1::ExportRequest());
  registry::v1::ExportResponse chunk;
  Snapshot snapshot;
  bool done = false;
  while (reader->Read(&chunk)) {
    EXPECT_TRUE(snapshot.revision == 0 || snapshot.revision == chunk.revision().number());
    snapshot.revision = chunk.revision().number();
    snapshot.entries.insert(snapshot.entries.end(), chunk.entries().begin(), chunk.entries().end());
    done = chunk.done();
  }
  const absl::Status status = rpc::FromGrpc(reader->Finish());
  EXPECT_TRUE(status.ok()) << status;
  EXPECT_TRUE(done);
  for (Entry& entry : snapshot.entries) {
    ClearMetadata(entry);
  }
  return snapshot;
}

void ExpectSameEntries(const Snapshot& before, const Snapshot& after) {
  EXPECT_EQ(before.entries.size(), after.entries.size());
  for (size_t i = 0; i < std::min(before.entries.size(), after.entries.size()); ++i) {
    google::protobuf::util::MessageDifferencer differencer;
    std::string differences;
    differencer.ReportDifferencesToString(&differences);
    EXPECT_TRUE(differencer.Compare(before.entries[i], after.entries[i])) << differences;
  }
}

size_t ExpectRoundTrip(LoneRegistry& registry) {
  const TempDir dir;
  LoneRegistry fresh;
  ExportCsv(registry, dir / "first");
  fresh.ImportFiles({dir / "first"});
  ExportCsv(fresh, dir / "second");
  const auto first = FilesIn(dir / "first");
  const auto second = FilesIn(dir / "second");
  EXPECT_EQ(first.size(), second.size());
  for (const auto& [name, text] : first) {
    EXPECT_TRUE(second.count(name) == 1 && second.at(name) == text) << name << " differs";
  }

  const Snapshot before = SnapshotOf(registry.stub);
  const Snapshot after = SnapshotOf(fresh.stub);
  ExpectSameEntries(before, after);
  return before.entries.size();
}

}  // namespace orewatch::testing
