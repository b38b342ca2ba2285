#include "common/storage/file_lock.h"

#include <filesystem>

#include "common/testing/matchers.h"
#include "common/testing/temp_dir.h"

namespace orewatch::storage {
namespace {

using ::orewatch::testing::HasError;
using ::orewatch::testing::IsOk;

class FileLockTest : public ::testing::Test {
 protected:
  static auto InUse() { return HasError(absl::StatusCode::kFailedPrecondition, "STORAGE_IN_USE"); }
  const orewatch::testing::TempDir dir_;
};

TEST_F(FileLockTest, OneHasItAtATime) {
  auto first = FileLock::Take(dir_ / "risk.db");
  ASSERT_THAT(first, IsOk());
  EXPECT_THAT(FileLock::Take(dir_ / "risk.db"), InUse());
  EXPECT_THAT(FileLock::Take(dir_ / "other.db"), IsOk());
  first->reset();
  EXPECT_THAT(FileLock::Take(dir_ / "risk.db"), IsOk());
}

TEST_F(FileLockTest, LinksLeadToTheSameLock) {
  std::filesystem::create_symlink(dir_ / "later.db", dir_ / "dangling.db");
  const auto through = FileLock::Take(dir_ / "dangling.db");
  ASSERT_THAT(through, IsOk());
  EXPECT_THAT(FileLock::Take(dir_ / "later.db"), InUse());
  std::filesystem::create_symlink(dir_ / "later.db", dir_ / "link.db");
  EXPECT_THAT(FileLock::Take(dir_ / "link.db"), InUse());
}

TEST_F(FileLockTest, AFolderThatIsNotThereIsSaid) {
  EXPECT_THAT(FileLock::Take(dir_ / "no/risk.db"), HasError(absl::StatusCode::kUnavailable, "STORAGE_UNAVAILABLE"));
}

}  // namespace
}  // namespace orewatch::storage
