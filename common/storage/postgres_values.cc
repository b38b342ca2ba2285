#include "common/storage/postgres_values.h"

#include <libpq-fe.h>

#include <cstdlib>
#include <cstring>
#include <utility>

namespace orewatch::storage {
namespace {

// Object ids of built-in types; part of the wire protocol.
constexpr unsigned kBytea = 17;
constexpr unsigned kInt8 = 20;
constexpr unsigned kText = 25;
constexpr unsigned kFloat8 = 701;
constexpr unsigned kByteaArray = 1001;
constexpr unsigned kTextArray = 1009;
constexpr unsigned kInt8Array = 1016;

constexpr size_t kBitsPerByte = 8;

// Most significant byte first.
template <size_t kSize>
void AppendBigEndian(uint64_t value, std::string& out) {
  for (size_t byte = kSize; byte-- > 0;) {
    out.push_back(static_cast<char>(value >> (byte * kBitsPerByte)));
  }
}

std::string Int8(int64_t value) {
  std::string bytes;
  AppendBigEndian<sizeof(int64_t)>(static_cast<uint64_t>(value), bytes);
  return bytes;
}

// Dimensions, whether there are nulls, type of the elements, and for the one dimension its length and lower bound.
std::string ArrayHeader(unsigned element, size_t size) {
  std::string header;
  AppendBigEndian<sizeof(int32_t)>(size == 0 ? 0 : 1, header);
  AppendBigEndian<sizeof(int32_t)>(0, header);
  AppendBigEndian<sizeof(int32_t)>(element, header);
  if (size > 0) {
    AppendBigEndian<sizeof(int32_t)>(size, header);
    AppendBigEndian<sizeof(int32_t)>(1, header);
  }
  return header;
}

// The lead byte of a character (`lead` under `mask`), its length, and the smallest code point that needs so many bytes.
// Zero, which needs one, is not text.
struct Utf8Form {
  uint32_t mask;
  uint32_t lead;
  size_t length;
  uint32_t smallest;
};
constexpr Utf8Form kUtf8Forms[] = {
    {0x80, 0x00, 1, 1}, {0xe0, 0xc0, 2, 0x80}, {0xf0, 0xe0, 3, 0x800}, {0xf8, 0xf0, 4, 0x10000}};

// Bytes of the first character; 0 if it is none that the server takes.
size_t CharacterLength(absl::string_view text) {
  constexpr uint32_t kTrailMask = 0xc0;
  constexpr uint32_t kTrail = 0x80;
  constexpr int kTrailBits = 6;
  const auto byte = [&](size_t i) { return uint32_t{static_cast<unsigned char>(text[i])}; };
  for (const Utf8Form& form : kUtf8Forms) {
    if ((byte(0) & form.mask) != form.lead || text.size() < form.length) {
      continue;
    }
    uint32_t code_point = byte(0) & ~form.mask;
    for (size_t i = 1; i < form.length; ++i) {
      if ((byte(i) & kTrailMask) != kTrail) {
        return 0;
      }
      code_point = code_point << kTrailBits | (byte(i) & ~kTrailMask);
    }
    const bool surrogate = code_point >= 0xd800 && code_point <= 0xdfff;
    return code_point >= form.smallest && code_point <= 0x10ffff && !surrogate ? form.length : 0;
  }
  return 0;
}

}  // namespace

bool IsPostgresText(absl::string_view text) {
  while (!text.empty()) {
    const size_t length = CharacterLength(text);
    if (length == 0) {
      return false;
    }
    text.remove_prefix(length);
  }
  return true;
}

PostgresParameters& PostgresParameters::Add(unsigned type, std::string value) {
  types_.push_back(type);
  values_.push_back(std::move(value));
  return *this;
}

PostgresParameters& PostgresParameters::Int(int64_t value) { return Add(kInt8, Int8(value)); }
PostgresParameters& PostgresParameters::Double(double value) {
  int64_t bits = 0;
  static_assert(sizeof(value) == sizeof(bits));
  std::memcpy(&bits, &value, sizeof(value));
  return Add(kFloat8, Int8(bits));
}

PostgresParameters& PostgresParameters::Text(absl::string_view value) { return Add(kText, std::string(value)); }
PostgresParameters& PostgresParameters::Bytes(absl::string_view value) { return Add(kBytea, std::string(value)); }

PostgresParameters& PostgresParameters::Ints(absl::Span<const int64_t> values) {
  std::string array = ArrayHeader(kInt8, values.size());
  array.reserve(array.size() + values.size() * (sizeof(int32_t) + sizeof(int64_t)));
  for (const int64_t value : values) {
    AppendBigEndian<sizeof(int32_t)>(sizeof(int64_t), array);
    AppendBigEndian<sizeof(int64_t)>(static_cast<uint64_t>(value), array);
  }
  return Add(kInt8Array, std::move(array));
}

PostgresParameters& PostgresParameters::Texts(absl::Span<const absl::string_view> values) {
  return AddArray(kTextArray, kText, values);
}

PostgresParameters& PostgresParameters::BytesArray(absl::Span<const absl::string_view> values) {
  return AddArray(kByteaArray, kBytea, values);
}

PostgresParameters& PostgresParameters::AddArray(unsigned type, unsigned element,
                                                 absl::Span<const absl::string_view> values) {
  std::string array = ArrayHeader(element, values.size());
  for (const absl::string_view value : values) {
    AppendBigEndian<sizeof(int32_t)>(value.size(), array);
    array.append(value.data(), value.size());
  }
  return Add(type, std::move(array));
}

void PostgresRows::Clear::operator()(pg_result* result) const { PQclear(result); }

PostgresRows::PostgresRows(pg_result* result) : result_(result), size_(PQntuples(result)) {}

int64_t PostgresRows::affected() const { return std::strtoll(PQcmdTuples(result_.get()), nullptr, 10); }

bool PostgresRows::IsNull(int row, int column) const { return PQgetisnull(result_.get(), row, column) != 0; }

int64_t PostgresRows::Int(int row, int column) const {
  const absl::string_view bytes = Text(row, column);
  if (bytes.empty()) {
    return 0;
  }
  // The sign is that of the first byte.
  auto value = static_cast<uint64_t>(int64_t{static_cast<signed char>(bytes.front())});
  for (const char byte : bytes.substr(1)) {
    value = value << kBitsPerByte | static_cast<unsigned char>(byte);
  }
  return static_cast<int64_t>(value);
}

double PostgresRows::Double(int row, int column) const {
  const int64_t bits = Int(row, column);
  double value = 0;
  static_assert(sizeof(value) == sizeof(bits));
  std::memcpy(&value, &bits, sizeof(value));
  return value;
}

absl::string_view PostgresRows::Text(int row, int column) const {
  return {PQgetvalue(result_.get(), row, column), static_cast<size_t>(PQgetlength(result_.get(), row, column))};
}

}  // namespace orewatch::storage
