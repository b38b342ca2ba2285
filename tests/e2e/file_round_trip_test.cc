// Files in and out of a running registry.
#include <atomic>
#include <set>
#include <string>
#include <thread>

#include "gmock/gmock.h"
#include "tests/testing/registry_files.h"

namespace orewatch::testing {
namespace {

using ::testing::HasSubstr;

TEST(FileRoundTripTest, ExportThenImportIsTheIdentityOfTheBundledData) {
  LoneRegistry registry;
  registry.ImportFiles({"data"});
  EXPECT_GT(ExpectRoundTrip(registry), 7000u);
}

TEST(FileRoundTripTest, TheBundledDataAgainChangeNothing) {
  LoneRegistry registry;
  const int64_t empty = registry.Head();
  EXPECT_THAT(registry.Ctl({"import", "data", "--validate_only"}).output, HasSubstr("rejected 0"));
  EXPECT_EQ(registry.Head(), empty);
  registry.ImportFiles({"data"});
  const int64_t head = registry.Head();
  EXPECT_THAT(registry.ImportFiles({"data"}), HasSubstr("created 0, updated 0, "));
  EXPECT_EQ(registry.Head(), head);
}

// Each change set gives both minerals the same name, so that halves of two sets would show.
TEST(FileRoundTripTest, AnExportIsOfOneRevisionWhileWritersWrite) {
  LoneRegistry registry;
  constexpr int kExports = 50;
  std::atomic<bool> enough = false;
  std::atomic<int> written = 0;
  std::thread writer([&] {
    for (int i = 0; !enough; ++i) {
      registry::v1::ApplyChangesRequest request;
      for (const char* name : {"minerals/a", "minerals/z"}) {
        auto& mutation = *request.add_mutations();
        mutation.set_operation(registry::v1::Mutation::OPERATION_UPDATE);
        mutation.set_allow_missing(true);
        auto& mineral = *mutation.mutable_entry()->mutable_mineral();
        mineral.set_name(name);
        mineral.set_display_name(absl::StrCat(i));
        mineral.mutable_provenance()->set_source("a test");
      }
      const auto applied = Call(registry.stub, &RegistryStub::ApplyChanges, request);
      EXPECT_TRUE(applied.ok()) << applied.status();
      ++written;
    }
  });
  for (int i = 0; i < kExports; ++i) {
    const int before = written;
    Eventually("another change", [&] { return written > before; });
    std::set<std::string> names;
    for (const auto& entry : SnapshotOf(registry.stub).entries) {
      if (entry.has_mineral()) {
        names.insert(entry.mineral().display_name());
      }
    }
    EXPECT_EQ(names.size(), 1u);
  }
  enough = true;
  writer.join();
}

}  // namespace
}  // namespace orewatch::testing
