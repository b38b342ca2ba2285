#include "common/trace/trace.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <vector>

#include "absl/random/random.h"
#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"

namespace orewatch {
namespace {

// version-id-span-flags
constexpr size_t kIdAt = 3;
constexpr size_t kSpanAt = kIdAt + kTraceIdDigits + 1;
constexpr size_t kFlagsAt = kSpanAt + kSpanDigits + 1;
constexpr size_t kBytes = kFlagsAt + 2;
// A later version may say more, but not without end.
constexpr size_t kMaxBytes = 256;

constexpr size_t kMaxStateBytes = 512;
constexpr size_t kMaxStateMembers = 32;
constexpr size_t kMaxKeyBytes = 256;
constexpr size_t kMaxValueBytes = 256;

bool IsHex(absl::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); });
}

bool IsId(absl::string_view text) {
  return IsHex(text) && std::any_of(text.begin(), text.end(), [](char c) { return c != '0'; });
}

bool IsLetterOrDigit(char c) {
  return absl::ascii_islower(static_cast<unsigned char>(c)) || absl::ascii_isdigit(static_cast<unsigned char>(c));
}

bool IsKey(absl::string_view key) {
  return !key.empty() && key.size() <= kMaxKeyBytes && IsLetterOrDigit(key.front()) &&
         std::all_of(key.begin(), key.end(),
                     [](char c) { return IsLetterOrDigit(c) || absl::StrContains("_-*/@", absl::string_view(&c, 1)); });
}

bool IsValue(absl::string_view value) {
  return !value.empty() && value.size() <= kMaxValueBytes &&
         std::all_of(value.begin(), value.end(), [](char c) { return c >= ' ' && c <= '~' && c != ',' && c != '='; });
}

// Of all whitespace only spaces may stand in metadata, and be handed on.
absl::string_view TrimSpaces(absl::string_view text) {
  const size_t first = std::min(text.find_first_not_of(' '), text.size());
  text.remove_prefix(first);
  return text.substr(0, text.find_last_not_of(' ') + 1);
}

bool IsState(absl::string_view state) {
  if (state.size() > kMaxStateBytes) {
    return false;
  }
  const std::vector<absl::string_view> members = absl::StrSplit(state, ',');
  return members.size() <= kMaxStateMembers &&
         std::all_of(members.begin(), members.end(), [](absl::string_view member) {
           member = TrimSpaces(member);
           const size_t equals = member.find('=');
           // An empty one is allowed.
           return member.empty() || (equals != absl::string_view::npos && IsKey(member.substr(0, equals)) &&
                                     IsValue(member.substr(equals + 1)));
         });
}

// The lowest bit alone has a meaning in version 00, in which we speak.
bool IsSampled(absl::string_view flags) {
  constexpr absl::string_view kOdd = "13579bdf";
  return absl::StrContains(kOdd, flags.substr(1));
}

uint64_t RandomWord() {
  thread_local absl::BitGen generator;
  // 0 stands for no id.
  return absl::Uniform<uint64_t>(absl::IntervalClosed, generator, 1, UINT64_MAX);
}

constexpr size_t kWordDigits = 16;

void WriteRandomWord(char* digits) {
  constexpr absl::string_view kDigits = "0123456789abcdef";
  uint64_t word = RandomWord();
  for (size_t i = kWordDigits; i > 0; --i) {
    digits[i - 1] = kDigits[word % kDigits.size()];
    word /= kDigits.size();
  }
}

template <size_t kDigits>
HexDigits<kDigits> NewDigits() {
  static_assert(kDigits % kWordDigits == 0);
  std::array<char, kDigits> digits;
  for (size_t i = 0; i < kDigits; i += kWordDigits) {
    WriteRandomWord(digits.data() + i);
  }
  return HexDigits<kDigits>(absl::string_view(digits.data(), digits.size()));
}

}  // namespace

absl::optional<Trace> ParseTrace(absl::string_view traceparent, absl::string_view tracestate) {
  const absl::string_view& text = traceparent;
  if (text.size() < kBytes || text.size() > kMaxBytes || text[kIdAt - 1] != '-' || text[kSpanAt - 1] != '-' ||
      text[kFlagsAt - 1] != '-') {
    return absl::nullopt;
  }
  const absl::string_view version = text.substr(0, 2);
  const bool whole = text.size() == kBytes || (version != "00" && text[kBytes] == '-');
  const absl::string_view id = text.substr(kIdAt, kTraceIdDigits);
  const absl::string_view span = text.substr(kSpanAt, kSpanDigits);
  const absl::string_view flags = text.substr(kFlagsAt, 2);
  if (!whole || !IsHex(version) || version == "ff" || !IsId(id) || !IsId(span) || !IsHex(flags)) {
    return absl::nullopt;
  }
  Trace trace;
  trace.id = HexDigits<kTraceIdDigits>(id);
  trace.span = HexDigits<kSpanDigits>(span);
  trace.sampled = IsSampled(flags);
  if (!tracestate.empty() && IsState(tracestate)) {
    trace.state = std::string(tracestate);
  }
  return trace;
}

TracePtr BeginTrace() {
  auto trace = std::make_shared<Trace>();
  trace->id = NewDigits<kTraceIdDigits>();
  trace->span = NewDigits<kSpanDigits>();
  return trace;
}

TracePtr ContinueTrace(absl::string_view traceparent, absl::string_view tracestate) {
  absl::optional<Trace> told = ParseTrace(traceparent, tracestate);
  if (!told.has_value()) {
    return BeginTrace();
  }
  auto trace = std::make_shared<Trace>(*std::move(told));
  trace->parent = std::exchange(trace->span, NewDigits<kSpanDigits>());
  return trace;
}

std::string Traceparent(const Trace& trace) {
  return absl::StrCat("00-", trace.id.view(), "-", trace.span.view(), trace.sampled ? "-01" : "-00");
}

}  // namespace orewatch
