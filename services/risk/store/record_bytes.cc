#include "services/risk/store/record_bytes.h"

#include <array>
#include <cstdint>
#include <cstring>
#include <map>
#include <optional>
#include <utility>
#include <vector>

#include "common/status/status.h"

namespace orewatch::risk {
namespace {

// The first byte. A format that an older release cannot read raises oldest_user of the schema, too.
constexpr uint8_t kFormat = 1;
constexpr int kBitsPerByte = 7;
constexpr uint8_t kMore = 0x80;
constexpr int kLongestShift = 63;

// Numbers are in groups of seven bits, the least first, signed ones folded; a text is its number among those before it,
// or the next number and then the text.
class Writer {
 public:
  void Byte(uint8_t byte) { bytes_.push_back(static_cast<char>(byte)); }
  void Count(size_t number) {
    uint64_t rest = number;
    for (; rest >= kMore; rest >>= kBitsPerByte) {
      Byte(static_cast<uint8_t>(rest | kMore));
    }
    Byte(static_cast<uint8_t>(rest));
  }
  void Int(int number) {
    const auto wide = static_cast<int64_t>(number);
    Count((static_cast<uint64_t>(wide) << 1) ^ static_cast<uint64_t>(wide >> kLongestShift));
  }
  void Double(double number) {
    std::array<char, sizeof(number)> raw{};
    std::memcpy(raw.data(), &number, sizeof(number));
    bytes_.append(raw.data(), raw.size());
  }
  void Optional(const std::optional<double>& number) {
    Byte(number.has_value() ? 1 : 0);
    if (number.has_value()) {
      Double(*number);
    }
  }
  void Text(const std::string& text) {
    const auto [found, added] = texts_.emplace(text, texts_.size());
    Count(found->second);
    if (added) {
      Count(text.size());
      bytes_.append(text);
    }
  }
  void Texts(const std::vector<std::string>& texts) {
    Count(texts.size());
    for (const std::string& text : texts) {
      Text(text);
    }
  }
  std::string Take() { return std::move(bytes_); }

 private:
  std::string bytes_;
  std::map<std::string, size_t> texts_;
};

// After the first byte that is not there everything reads as zero.
class Reader {
 public:
  explicit Reader(absl::string_view bytes) : rest_(bytes) {}

  uint8_t Byte() {
    if (rest_.empty()) {
      failed_ = true;
      return 0;
    }
    const auto byte = static_cast<uint8_t>(rest_.front());
    rest_.remove_prefix(1);
    return byte;
  }
  // Never more than what is left can hold.
  size_t Count() {
    const uint64_t number = Unsigned();
    if (number > rest_.size()) {
      failed_ = true;
      return 0;
    }
    return number;
  }
  int Int() {
    const uint64_t folded = Unsigned();
    return static_cast<int>(static_cast<int64_t>(folded >> 1) ^ -static_cast<int64_t>(folded & 1));
  }
  double Double() {
    double number = 0;
    if (rest_.size() < sizeof(number)) {
      failed_ = true;
      return 0;
    }
    std::memcpy(&number, rest_.data(), sizeof(number));
    rest_.remove_prefix(sizeof(number));
    return number;
  }
  std::optional<double> Optional() { return Byte() == 0 ? std::nullopt : std::optional<double>(Double()); }
  std::string Text() {
    const uint64_t number = Unsigned();
    if (number > texts_.size()) {
      failed_ = true;
      return "";
    }
    if (number == texts_.size()) {
      const size_t size = Count();
      texts_.emplace_back(rest_.substr(0, size));
      rest_.remove_prefix(size);
    }
    return texts_[number];
  }
  std::vector<std::string> Texts() {
    std::vector<std::string> texts(Count());
    for (std::string& text : texts) {
      text = Text();
    }
    return texts;
  }
  bool ReadAll() const { return !failed_ && rest_.empty(); }
  bool failed() const { return failed_; }

 private:
  uint64_t Unsigned() {
    uint64_t number = 0;
    for (int shift = 0; shift <= kLongestShift; shift += kBitsPerByte) {
      const uint8_t byte = Byte();
      number |= static_cast<uint64_t>(byte & (kMore - 1)) << shift;
      if (byte < kMore) {
        return number;
      }
    }
    failed_ = true;
    return 0;
  }

  absl::string_view rest_;
  bool failed_ = false;
  std::vector<std::string> texts_;
};

enum InputFlag : uint8_t { kInShares = 1, kWithheld = 2, kEstimated = 4 };

void WriteInput(const Input& input, Writer& out) {
  out.Text(input.role);
  out.Text(input.country);
  out.Text(input.dataset);
  out.Text(input.product);
  out.Text(input.scope);
  out.Int(input.year);
  out.Int(input.basis);
  out.Byte(static_cast<uint8_t>((input.figure.measure == Measure::kTonnes ? 0 : kInShares) |
                                (input.figure.withheld ? kWithheld : 0) | (input.figure.estimated ? kEstimated : 0)));
  out.Optional(input.value);
  out.Optional(input.contribution);
  out.Optional(input.figure.amount);
  out.Optional(input.figure.value_usd);
}

Input ReadInput(Reader& in) {
  Input input;
  input.role = in.Text();
  input.country = in.Text();
  input.dataset = in.Text();
  input.product = in.Text();
  input.scope = in.Text();
  input.year = in.Int();
  input.basis = in.Int();
  const uint8_t flags = in.Byte();
  input.figure.measure = (flags & kInShares) != 0 ? Measure::kShares : Measure::kTonnes;
  input.figure.withheld = (flags & kWithheld) != 0;
  input.figure.estimated = (flags & kEstimated) != 0;
  input.value = in.Optional();
  input.contribution = in.Optional();
  input.figure.amount = in.Optional();
  input.figure.value_usd = in.Optional();
  return input;
}

void WriteEstimate(const Estimate& estimate, Writer& out) {
  out.Optional(estimate.value);
  out.Double(estimate.lower);
  out.Optional(estimate.upper);
  out.Texts(estimate.reasons);
}

Estimate ReadEstimate(Reader& in) {
  Estimate estimate;
  estimate.value = in.Optional();
  estimate.lower = in.Double();
  estimate.upper = in.Optional();
  estimate.reasons = in.Texts();
  return estimate;
}

}  // namespace

std::string BytesOf(const ScoreRecord& record) {
  const Score& score = record.score;
  Writer out;
  out.Byte(kFormat);
  out.Byte(record.removed ? 1 : 0);
  out.Text(record.method_parameters);
  out.Int(static_cast<int>(score.change_cause));
  WriteEstimate(score.estimate, out);
  out.Int(static_cast<int>(score.band));
  out.Int(score.reference_year);
  out.Text(score.top_country);
  out.Optional(score.top_share);
  out.Byte(score.bottleneck ? 1 : 0);
  out.Int(score.known_stages);
  out.Texts(score.notes);
  out.Count(score.inputs.size());
  for (const Input& input : score.inputs) {
    WriteInput(input, out);
  }
  return out.Take();
}

absl::Status ReadBytes(absl::string_view bytes, ScoreRecord& record) {
  Reader in(bytes);
  const bool known = in.Byte() == kFormat;
  Score& score = record.score;
  record.removed = in.Byte() != 0;
  record.method_parameters = in.Text();
  score.change_cause = static_cast<ChangeCause>(in.Int());
  score.estimate = ReadEstimate(in);
  score.band = static_cast<Band>(in.Int());
  score.reference_year = in.Int();
  score.top_country = in.Text();
  score.top_share = in.Optional();
  score.bottleneck = in.Byte() != 0;
  score.known_stages = in.Int();
  score.notes = in.Texts();
  for (size_t left = in.Count(); left > 0 && !in.failed(); --left) {
    score.inputs.push_back(ReadInput(in));
  }
  return known && in.ReadAll()
             ? absl::OkStatus()
             : MakeError(absl::StatusCode::kDataLoss, "STORAGE_CORRUPT", "a record of the score history is damaged");
}

}  // namespace orewatch::risk
