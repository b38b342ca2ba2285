// SHA-256, and codes that only the holder of a key can make.
#pragma once

#include <memory>
#include <string>

#include "absl/strings/string_view.h"

namespace orewatch {

inline constexpr size_t kSha256Bytes = 32;

// Over bytes that come piece by piece. Thread-compatible.
class Sha256 {
 public:
  Sha256();
  ~Sha256();
  void Add(absl::string_view bytes);
  // kSha256Bytes bytes. Nothing may be added afterwards.
  std::string Finish();

 private:
  struct Context;
  std::unique_ptr<Context> context_;
};

std::string Sha256Of(absl::string_view bytes);
std::string HmacSha256(absl::string_view key, absl::string_view bytes);
// Takes the same time wherever the two differ.
bool EqualInConstantTime(absl::string_view one, absl::string_view other);

}  // namespace orewatch
