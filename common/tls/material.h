// Certificates and keys as they lie in files, and whether they may be used.
#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"

namespace orewatch::tls {

// Paths of PEM files; empty: there is none. A certificate and its key come together.
struct MaterialFiles {
  // The own certificate first, then the intermediates.
  std::string certificate;
  std::string key;
  // The authorities whose certificates are believed.
  std::string ca;
};

// What is in them.
struct Material {
  std::string certificate;
  std::string key;
  std::string ca;

  bool operator==(const Material& other) const {
    return certificate == other.certificate && key == other.key && ca == other.ca;
  }
};

// Until when they serve; the infinite future where there is nothing that ends.
struct Validity {
  // Of the own certificate.
  absl::Time certificate = absl::InfiniteFuture();
  // Of the last authority that is left.
  absl::Time ca = absl::InfiniteFuture();
};

// INVALID_ARGUMENT, which names the file, if one cannot be read, is empty or longer than a mebibyte.
absl::StatusOr<Material> ReadMaterial(const MaterialFiles& files);

// INVALID_ARGUMENT, which names the file: a certificate without a key or a key without one; no PEM, or PEM that breaks
// off; a key that is locked, weak or of another certificate; a chain that is not valid at `now`; authorities of which
// none is.
absl::StatusOr<Validity> CheckMaterial(const Material& material, const MaterialFiles& files, absl::Time now);

}  // namespace orewatch::tls
