#include "common/rpc/decoded_size.h"

#include <string>

#include "google/protobuf/io/coded_stream.h"
#include "google/protobuf/wire_format_lite.h"

namespace orewatch::rpc {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::internal::WireFormatLite;
using google::protobuf::io::CodedInputStream;

// As the parser bounds it.
constexpr int kMaxDepth = 100;
// Of a heap block, beside what is asked for.
constexpr size_t kBlock = 16;
// As std::string keeps in itself.
constexpr size_t kShortText = 15;

// Of a message without what its fields point to.
size_t OwnSize(const Descriptor& type) {
  // A list is a pointer and two counts; numbers and pointers are words.
  constexpr size_t kHead = 24;
  constexpr size_t kField = 12;
  return kBlock + kHead + kField * static_cast<size_t>(type.field_count());
}

size_t TextSize(size_t bytes, bool repeated) {
  const size_t text = bytes > kShortText ? bytes + 1 + kBlock : 0;
  return kBlock + sizeof(std::string) + text + (repeated ? sizeof(void*) : 0);
}

class Sizer {
 public:
  explicit Sizer(CodedInputStream& in) : in_(in) {}

  // Not OK: the rest cannot be read.
  bool Add(const Descriptor& type, int depth) {
    size_ += OwnSize(type);
    while (const uint32_t tag = in_.ReadTag()) {
      const FieldDescriptor* field = type.FindFieldByNumber(WireFormatLite::GetTagFieldNumber(tag));
      if (!AddField(tag, field, depth)) {
        return false;
      }
    }
    return in_.ConsumedEntireMessage();
  }
  size_t size() const { return size_; }

 private:
  bool AddField(uint32_t tag, const FieldDescriptor* field, int depth) {
    if (WireFormatLite::GetTagWireType(tag) != WireFormatLite::WIRETYPE_LENGTH_DELIMITED) {
      // A number stands in its message, in its list, or among what is unknown.
      size_ += field == nullptr || field->is_repeated() ? kBlock : 0;
      return WireFormatLite::SkipField(&in_, tag);
    }
    int bytes = 0;
    if (!in_.ReadVarintSizeAsInt(&bytes)) {
      return false;
    }
    if (field != nullptr && field->cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE) {
      return AddNested(*field, bytes, depth);
    }
    size_ += SizeOf(field, static_cast<size_t>(bytes));
    return in_.Skip(bytes);
  }

  bool AddNested(const FieldDescriptor& field, int bytes, int depth) {
    if (depth >= kMaxDepth) {
      return false;
    }
    size_ += field.is_repeated() ? sizeof(void*) : 0;
    const auto limit = in_.PushLimit(bytes);
    const bool whole = Add(*field.message_type(), depth + 1);
    in_.PopLimit(limit);
    return whole;
  }

  static size_t SizeOf(const FieldDescriptor* field, size_t bytes) {
    if (field != nullptr && field->is_packable()) {
      // The lists of numbers double when they are full; the least number takes a byte.
      const auto type = field->cpp_type();
      const bool fixed = type == FieldDescriptor::CPPTYPE_DOUBLE || type == FieldDescriptor::CPPTYPE_FLOAT;
      return bytes * (fixed ? 2 : sizeof(uint64_t));
    }
    return TextSize(bytes, field == nullptr || field->is_repeated());
  }

  CodedInputStream& in_;
  size_t size_ = 0;
};

}  // namespace

size_t DecodedSize(google::protobuf::io::ZeroCopyInputStream& encoded, const Descriptor& type) {
  CodedInputStream in(&encoded);
  Sizer sizer(in);
  sizer.Add(type, 0);
  return sizer.size();
}

}  // namespace orewatch::rpc
