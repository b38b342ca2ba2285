// A stable 64-bit digest of fields, for identifiers that must be the same on every machine and after every restart.
#pragma once

#include <cstdint>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"

namespace orewatch::alerting {

// FNV-1a. Fields are separated, so that moving a character between neighbours changes the digest.
class Fingerprint {
 public:
  Fingerprint& Add(absl::string_view field) {
    for (const char c : field) {
      Mix(static_cast<unsigned char>(c));
    }
    Mix(kSeparator);
    return *this;
  }
  Fingerprint& Add(int64_t number) { return Add(absl::string_view(absl::StrCat(number))); }

  uint64_t value() const { return hash_; }
  std::string Hex() const { return absl::StrCat(absl::Hex(hash_, absl::kZeroPad16)); }

 private:
  // Never part of UTF-8 text.
  static constexpr unsigned char kSeparator = 0xff;
  void Mix(unsigned char byte) { hash_ = (hash_ ^ byte) * 1099511628211ULL; }

  uint64_t hash_ = 14695981039346656037ULL;
};

}  // namespace orewatch::alerting
