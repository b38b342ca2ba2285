// libFuzzer entry: any text over any message. What is read must have a canonical text that means the same.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>

#include "absl/strings/string_view.h"
#include "common/filter/filter.h"
#include "common/filter/lexer.h"
#include "google/protobuf/stubs/logging.h"
#include "orewatch/testing/v1/specimen.pb.h"

namespace {

using orewatch::filter::Filter;
using orewatch::testing::v1::Specimen;

void Check(bool holds) {
  if (!holds) {
    std::abort();
  }
}

}  // namespace

// Protobuf would log every string that is not UTF-8, which costs more than the rest.
extern "C" int LLVMFuzzerInitialize(int* /*argc*/, char*** /*argv*/) {
  google::protobuf::SetLogHandler(nullptr);
  return 0;
}

// The filter ends at the first NUL; the specimen, serialized, follows. Bytes that are no specimen leave as much of one
// as could be read.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string input(data, data + size);
  const std::string text = input.substr(0, input.find('\0'));
  const auto filter = Filter::Parse(text, *Specimen::descriptor());
  if (!filter.ok()) {
    Check(filter.status().code() == absl::StatusCode::kInvalidArgument);
    return 0;
  }
  Specimen specimen;
  (void)specimen.ParseFromString(input.substr(std::min(text.size() + 1, input.size())));
  const bool matches = filter->Matches(specimen);
  for (const auto& equality : filter->Equalities()) {
    Check(!equality.path.empty());
  }
  if (filter->canonical().size() > orewatch::filter::kMaxTextBytes) {
    return 0;
  }
  const auto again = Filter::Parse(filter->canonical(), *Specimen::descriptor());
  Check(again.ok() && again->canonical() == filter->canonical() && again->Matches(specimen) == matches);
  const auto negation = Filter::Parse("NOT (" + filter->canonical() + ")", *Specimen::descriptor());
  Check(!negation.ok() || negation->Matches(specimen) != matches);
  return 0;
}
