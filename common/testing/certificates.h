// Certificates made while a test runs.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "absl/time/clock.h"
#include "absl/time/time.h"

namespace orewatch::testing {

// In PEM.
struct KeyPair {
  std::string certificate;
  std::string key;
};

// Thread-compatible.
class TestAuthority {
 public:
  struct Subject {
    std::string common_name = "localhost";
    // As OpenSSL writes them: `DNS:localhost,IP:127.0.0.1,URI:spiffe://...`; empty: none.
    std::string alternative_names = "DNS:localhost,IP:127.0.0.1";
    absl::Time not_before = absl::Now() - absl::Hours(1);
    absl::Time not_after = absl::Now() + absl::Hours(1);
  };

  explicit TestAuthority(const std::string& name = "test authority");
  ~TestAuthority();

  // In PEM.
  const std::string& certificate() const { return certificate_; }
  KeyPair Issue(const Subject& subject) const;
  KeyPair Issue() const { return Issue(Subject()); }

 private:
  struct Keys;
  std::unique_ptr<Keys> keys_;
  std::string certificate_;
};

// Replaces the file in one step, as a careful operator does.
void ReplaceFile(const std::string& path, const std::string& content);

}  // namespace orewatch::testing
