#include "common/storage/storage_metrics.h"

#include <cerrno>
#include <fstream>

#include "common/storage/sqlite.h"
#include "common/testing/matchers.h"
#include "common/testing/metric_value.h"
#include "common/testing/temp_dir.h"
#include "gmock/gmock.h"

namespace orewatch::storage {
namespace {

using ::orewatch::testing::HasError;
using ::orewatch::testing::IsOk;
using ::orewatch::testing::MetricValue;
using ::orewatch::testing::TempDir;

class StorageMetricsTest : public ::testing::Test {
 protected:
  double Errors(const std::string& error_class) {
    return MetricValue(registry_, "orewatch_storage_write_errors_total", {{"store", "test"}, {"class", error_class}});
  }
  double Size() { return MetricValue(registry_, "orewatch_storage_size_bytes", {{"store", "test"}}); }

  const TempDir dir_;
  prometheus::Registry registry_;
};

TEST_F(StorageMetricsTest, ShowsWhatTheFilesOfTheStoreTakeAndWhatIsLeft) {
  std::ofstream(dir_ / "test.db") << std::string(1000, 'x');
  std::ofstream(dir_ / "test.db-wal") << std::string(500, 'x');
  std::ofstream(dir_ / "another") << std::string(5000, 'x');
  StorageMetrics metrics(registry_, "test", dir_ / "test.db");
  EXPECT_EQ(Size(), 1500);
  EXPECT_GT(MetricValue(registry_, "orewatch_storage_free_bytes", {{"store", "test"}}), 0);
  EXPECT_GT(MetricValue(registry_, "orewatch_storage_capacity_bytes", {{"store", "test"}}),
            MetricValue(registry_, "orewatch_storage_free_bytes", {{"store", "test"}}));
  for (const char* error_class : {"full", "io", "readonly", "other"}) {
    EXPECT_EQ(Errors(error_class), 0) << error_class;
  }
  std::ofstream(dir_ / "test.db") << std::string(3000, 'x');
  metrics.Look();
  EXPECT_EQ(Size(), 3500);
}

TEST_F(StorageMetricsTest, TellsTheErrorsOfTheSystemApart) {
  EXPECT_EQ(WriteErrorOf(ENOSPC), WriteError::kFull);
  EXPECT_EQ(WriteErrorOf(EDQUOT), WriteError::kFull);
  EXPECT_EQ(WriteErrorOf(EFBIG), WriteError::kFull);
  EXPECT_EQ(WriteErrorOf(EIO), WriteError::kIo);
  EXPECT_EQ(WriteErrorOf(EROFS), WriteError::kReadOnly);
  EXPECT_EQ(WriteErrorOf(EINVAL), WriteError::kOther);
}

TEST_F(StorageMetricsTest, ADatabaseThatMayNotGrowSaysThatStorageIsFullAndGoesOnWhenItMay) {
  Sqlite::Options options;
  options.metrics = std::make_shared<StorageMetrics>(registry_, "test", dir_ / "test.db");
  const auto db = *Sqlite::Open(dir_ / "test.db", options);
  ASSERT_THAT(db->Execute("CREATE TABLE t (v BLOB); PRAGMA max_page_count = 8"), IsOk());
  const auto insert = [&] {
    return db->Transact(
        [&] { return db->Prepare("INSERT INTO t VALUES (?)").BindBlob(std::string(100'000, 'x')).Run(); });
  };
  EXPECT_THAT(insert(), HasError(absl::StatusCode::kUnavailable, "STORAGE_FULL"));
  EXPECT_EQ(Errors("full"), 1);
  ASSERT_THAT(db->Execute("PRAGMA max_page_count = 1000"), IsOk());
  EXPECT_THAT(insert(), IsOk());
  EXPECT_EQ(Errors("full"), 1);
}

TEST_F(StorageMetricsTest, WhatADatabaseRefusesForItsContentIsNoWriteError) {
  Sqlite::Options options;
  options.metrics = std::make_shared<StorageMetrics>(registry_, "test", dir_ / "test.db");
  const auto db = *Sqlite::Open(dir_ / "test.db", options);
  ASSERT_THAT(db->Execute("CREATE TABLE t (v INTEGER PRIMARY KEY); INSERT INTO t VALUES (1)"), IsOk());
  EXPECT_FALSE(db->Prepare("INSERT INTO t VALUES (1)").Run().ok());
  for (const char* error_class : {"full", "io", "readonly", "other"}) {
    EXPECT_EQ(Errors(error_class), 0) << error_class;
  }
}

}  // namespace
}  // namespace orewatch::storage
