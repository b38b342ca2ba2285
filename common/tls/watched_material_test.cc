#include "common/tls/watched_material.h"

#include <filesystem>
#include <fstream>

#include "common/testing/certificates.h"
#include "common/testing/matchers.h"
#include "common/testing/temp_dir.h"
#include "prometheus/text_serializer.h"

namespace orewatch::tls {
namespace {

using ::orewatch::testing::BlamesField;
using ::orewatch::testing::IsOk;
using ::orewatch::testing::KeyPair;
using ::orewatch::testing::ReplaceFile;
using ::orewatch::testing::TempDir;
using ::orewatch::testing::TestAuthority;
using ::testing::HasSubstr;

class WatchedMaterialTest : public ::testing::Test {
 protected:
  WatchedMaterialTest() { Write(first_); }

  void Write(const KeyPair& pair) {
    ReplaceFile(files_.certificate, pair.certificate);
    ReplaceFile(files_.key, pair.key);
    ReplaceFile(files_.ca, authority_.certificate());
  }
  KeyPair PairUntil(absl::Time not_after) { return authority_.Issue({.not_after = not_after}); }
  void Load() {
    auto loaded = WatchedMaterial::Load({files_, "server", absl::InfiniteDuration()}, clock_, metrics_);
    ASSERT_THAT(loaded, IsOk());
    material_ = *std::move(loaded);
  }
  std::string Metrics() { return prometheus::TextSerializer().Serialize(metrics_.Collect()); }

  const absl::Time now_ = absl::FromUnixSeconds(absl::ToUnixSeconds(absl::Now()));
  FakeClock clock_{now_};
  const TempDir dir_;
  const MaterialFiles files_{dir_ / "tls.crt", dir_ / "tls.key", dir_ / "ca.crt"};
  const TestAuthority authority_;
  const KeyPair first_ = PairUntil(now_ + absl::Minutes(10));
  const KeyPair second_ = PairUntil(now_ + absl::Minutes(20));
  prometheus::Registry metrics_;
  std::shared_ptr<WatchedMaterial> material_;
};

TEST_F(WatchedMaterialTest, IsNotLoadedFromWhatCannotBeUsed) {
  ReplaceFile(files_.key, second_.key);
  EXPECT_THAT(WatchedMaterial::Load({files_, "server", absl::InfiniteDuration()}, clock_, metrics_),
              BlamesField(files_.key));
}

TEST_F(WatchedMaterialTest, TakesANewPairAtTheSecondLook) {
  Load();
  EXPECT_EQ(material_->validity().certificate, now_ + absl::Minutes(10));
  Write(second_);
  EXPECT_THAT(material_->Look(), IsOk());
  EXPECT_EQ(material_->validity().certificate, now_ + absl::Minutes(10));
  EXPECT_THAT(material_->Look(), IsOk());
  EXPECT_EQ(material_->validity().certificate, now_ + absl::Minutes(20));
  EXPECT_THAT(Metrics(), HasSubstr("orewatch_tls_reloads_total{usage=\"server\"} 1"));
}

TEST_F(WatchedMaterialTest, NeverTakesHalfAPairHoweverOftenItLooks) {
  Load();
  ReplaceFile(files_.certificate, second_.certificate);
  EXPECT_THAT(material_->Look(), IsOk());
  for (int look = 0; look < 3; ++look) {
    EXPECT_THAT(material_->Look(), BlamesField(files_.key));
  }
  EXPECT_EQ(material_->validity().certificate, now_ + absl::Minutes(10));
  EXPECT_THAT(Metrics(), HasSubstr("orewatch_tls_last_reload_successful{usage=\"server\"} 0"));
  ReplaceFile(files_.key, second_.key);
  (void)material_->Look();
  EXPECT_THAT(material_->Look(), IsOk());
  EXPECT_EQ(material_->validity().certificate, now_ + absl::Minutes(20));
  EXPECT_THAT(Metrics(), HasSubstr("orewatch_tls_last_reload_successful{usage=\"server\"} 1"));
}

// A bundle that ends between two authorities is a bundle too; only that it goes on growing tells.
TEST_F(WatchedMaterialTest, AFileThatIsBeingWrittenIsNotTaken) {
  Load();
  const TestAuthority another("another authority");
  for (const char* written : {"#", "# still", "# still writing"}) {
    ReplaceFile(files_.ca, another.certificate() + written);
    EXPECT_THAT(material_->Look(), IsOk());
  }
  EXPECT_THAT(Metrics(), HasSubstr("orewatch_tls_reloads_total{usage=\"server\"} 0"));
}

TEST_F(WatchedMaterialTest, KeepsTheOldWhileTheFilesAreGoneOrExpired) {
  Load();
  std::filesystem::remove(files_.certificate);
  EXPECT_THAT(material_->Look(), BlamesField(files_.certificate));
  Write(PairUntil(now_ - absl::Minutes(1)));
  (void)material_->Look();
  EXPECT_THAT(material_->Look(), BlamesField(files_.certificate));
  EXPECT_EQ(material_->validity().certificate, now_ + absl::Minutes(10));
  Write(first_);
  EXPECT_THAT(material_->Look(), IsOk());
}

TEST_F(WatchedMaterialTest, TellsWhenTheCertificateEnds) {
  Load();
  EXPECT_THAT(Metrics(),
              HasSubstr(absl::StrCat("orewatch_tls_certificate_not_after_timestamp_seconds{usage=\"server\"} ",
                                     absl::ToUnixSeconds(now_ + absl::Minutes(10)))));
}

// As Kubernetes replaces the files of a secret: all at once, behind a link.
TEST_F(WatchedMaterialTest, FollowsALinkThatIsSwapped) {
  const auto mount = [&](const std::string& version, const KeyPair& pair) {
    std::filesystem::create_directory(dir_ / version);
    std::ofstream(dir_ / (version + "/tls.crt")) << pair.certificate;
    std::ofstream(dir_ / (version + "/tls.key")) << pair.key;
    std::filesystem::create_symlink(version, dir_ / "..data_tmp");
    std::filesystem::rename(dir_ / "..data_tmp", dir_ / "..data");
  };
  mount("..first", first_);
  std::filesystem::create_symlink("..data/tls.crt", dir_ / "mounted.crt");
  std::filesystem::create_symlink("..data/tls.key", dir_ / "mounted.key");
  auto loaded = WatchedMaterial::Load(
      {{dir_ / "mounted.crt", dir_ / "mounted.key", ""}, "server", absl::InfiniteDuration()}, clock_, metrics_);
  ASSERT_THAT(loaded, IsOk());
  mount("..second", second_);
  EXPECT_THAT((*loaded)->Look(), IsOk());
  EXPECT_THAT((*loaded)->Look(), IsOk());
  EXPECT_EQ((*loaded)->validity().certificate, now_ + absl::Minutes(20));
}

}  // namespace
}  // namespace orewatch::tls
