#include "common/tls/material.h"

#include <fstream>

#include "common/testing/certificates.h"
#include "common/testing/matchers.h"
#include "common/testing/temp_dir.h"

namespace orewatch::tls {
namespace {

using ::orewatch::testing::BlamesField;
using ::orewatch::testing::IsOk;
using ::orewatch::testing::KeyPair;
using ::orewatch::testing::TempDir;
using ::orewatch::testing::TestAuthority;
using ::testing::HasSubstr;

const MaterialFiles kFiles{"certificate.pem", "key.pem", "ca.pem"};

class MaterialTest : public ::testing::Test {
 protected:
  absl::StatusOr<Validity> Check(const Material& material) const { return CheckMaterial(material, kFiles, now_); }
  Material Sound() const { return {pair_.certificate, pair_.key, authority_.certificate()}; }

  // Certificates know whole seconds.
  const absl::Time now_ = absl::FromUnixSeconds(absl::ToUnixSeconds(absl::Now()));
  const TestAuthority authority_;
  const KeyPair pair_ = authority_.Issue({.not_after = now_ + absl::Minutes(30)});
};

TEST_F(MaterialTest, SaysUntilWhenItServes) {
  const auto validity = Check(Sound());
  ASSERT_THAT(validity, IsOk());
  EXPECT_EQ(validity->certificate, now_ + absl::Minutes(30));
  EXPECT_GT(validity->ca, now_ + absl::Minutes(59));
}

TEST_F(MaterialTest, PartsMayBeMissingButNotHalfAPair) {
  EXPECT_THAT(Check({}), IsOk());
  EXPECT_THAT(Check({"", "", authority_.certificate()}), IsOk());
  EXPECT_THAT(Check({pair_.certificate, pair_.key, ""}), IsOk());
  EXPECT_THAT(Check({pair_.certificate, "", ""}), BlamesField("certificate.pem"));
  EXPECT_THAT(Check({"", pair_.key, ""}), BlamesField("key.pem"));
}

TEST_F(MaterialTest, AKeyOfAnotherCertificateIsRefused) {
  Material material = Sound();
  material.key = authority_.Issue().key;
  EXPECT_THAT(Check(material), BlamesField("key.pem"));
}

TEST_F(MaterialTest, APairIsRefusedBeforeAndAfterItsTime) {
  const KeyPair late = authority_.Issue({.not_before = now_ + absl::Minutes(1)});
  EXPECT_THAT(Check({late.certificate, late.key, ""}), BlamesField("certificate.pem"));
  const KeyPair gone = authority_.Issue({.not_after = now_});
  const auto refused = Check({gone.certificate, gone.key, ""});
  EXPECT_THAT(refused, BlamesField("certificate.pem"));
  EXPECT_THAT(std::string(refused.status().message()), HasSubstr("has expired at"));
}

TEST_F(MaterialTest, AChainIsAsGoodAsItsWorstLink) {
  Material material = Sound();
  material.certificate += authority_.Issue({.not_after = now_ - absl::Minutes(1)}).certificate;
  EXPECT_THAT(Check(material), BlamesField("certificate.pem"));
}

TEST_F(MaterialTest, EveryCutWithinAPemBlockIsNoticed) {
  const std::string& whole = pair_.certificate;
  const size_t first = whole.find('\n') + 1;
  for (size_t length = first; length + sizeof("-----END CERTIFICATE-----") < whole.size(); ++length) {
    Material material = Sound();
    // After a whole one, where leaving the rest out would do no harm to the pair.
    material.certificate = whole + whole.substr(0, length);
    EXPECT_THAT(Check(material), BlamesField("certificate.pem")) << length;
  }
  for (size_t length = 0; length + sizeof("-----END PRIVATE KEY-----") < pair_.key.size(); ++length) {
    Material material = Sound();
    material.key = pair_.key.substr(0, length);
    EXPECT_FALSE(Check(material).ok()) << length;
  }
}

TEST_F(MaterialTest, ALockedKeyIsRefusedWithoutAQuestion) {
  Material material = Sound();
  material.key =
      "-----BEGIN ENCRYPTED PRIVATE KEY-----\nMIGjMF8GCSqGSIb3DQEFDTBSMDEGCSqGSIb3DQEFDDAkBBB\n"
      "-----END ENCRYPTED PRIVATE KEY-----\n";
  EXPECT_THAT(Check(material), BlamesField("key.pem"));
}

TEST_F(MaterialTest, OldAuthoritiesMayStandBesideOneThatIsValid) {
  Material material = Sound();
  const std::string old = authority_.Issue({.not_after = now_ - absl::Minutes(1)}).certificate;
  material.ca = old + authority_.certificate();
  EXPECT_THAT(Check(material), IsOk());
  material.ca = old;
  EXPECT_THAT(Check(material), BlamesField("ca.pem"));
  material.ca = "no authority at all";
  EXPECT_THAT(Check(material), BlamesField("ca.pem"));
}

TEST_F(MaterialTest, AFileThatIsMissingEmptyOrEndlessIsNamed) {
  const TempDir dir;
  const auto read = [](const std::string& path) { return ReadMaterial({"", "", path}); };
  EXPECT_THAT(read(dir / "missing"), BlamesField(dir / "missing"));
  EXPECT_THAT(read(dir.path()), BlamesField(dir.path()));
  std::ofstream(dir / "empty").flush();
  EXPECT_THAT(read(dir / "empty"), BlamesField(dir / "empty"));
  EXPECT_THAT(read("/dev/zero"), BlamesField("/dev/zero"));
  EXPECT_THAT(ReadMaterial({}), IsOk());
}

}  // namespace
}  // namespace orewatch::tls
