#include "common/http/client.h"

#include <curl/curl.h>

#include <algorithm>
#include <cstdlib>
#include <mutex>

#include "absl/strings/str_cat.h"
#include "common/status/status.h"
#include "common/trace/trace.h"

namespace orewatch::http {
namespace {

constexpr absl::Duration kLongestRetryAfter = absl::Hours(1);

void InitCurl() {
  static std::once_flag once;
  std::call_once(once, [] {
    if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK) {
      std::abort();  // Only without memory.
    }
  });
}

struct Answer {
  std::string body;
  size_t limit = 0;
  bool too_large = false;
};

size_t TakeBody(char* bytes, size_t size, size_t count, void* data) {
  auto& answer = *static_cast<Answer*>(data);
  if (answer.body.size() + size * count > answer.limit) {
    answer.too_large = true;
    return 0;
  }
  answer.body.append(bytes, size * count);
  return size * count;
}

int AskWhetherCancelled(void* data, curl_off_t, curl_off_t, curl_off_t, curl_off_t) {
  return (*static_cast<std::function<bool()>*>(data))() ? 1 : 0;
}

class HeaderList {
 public:
  ~HeaderList() { curl_slist_free_all(list_); }
  HeaderList() = default;
  HeaderList(const HeaderList&) = delete;
  HeaderList& operator=(const HeaderList&) = delete;
  void Add(const std::string& line) { list_ = curl_slist_append(list_, line.c_str()); }
  curl_slist* get() const { return list_; }

 private:
  curl_slist* list_ = nullptr;
};

// Scheme and host alone: the path of a webhook is its secret, and whatever stands before an `@`.
std::string Origin(absl::string_view url) {
  constexpr absl::string_view kEndOfScheme = "://";
  const size_t scheme = url.find(kEndOfScheme);
  if (scheme == absl::string_view::npos) {
    return "a URL without a scheme";
  }
  const size_t begin = scheme + kEndOfScheme.size();
  absl::string_view host = url.substr(begin, url.find_first_of("/?#", begin) - begin);
  if (const size_t user = host.rfind('@'); user != absl::string_view::npos) {
    host.remove_prefix(user + 1);
  }
  return absl::StrCat(url.substr(0, begin), host);
}

absl::Status ToStatus(CURLcode code, const Answer& answer, const std::string& url) {
  if (answer.too_large) {
    return MakeError(absl::StatusCode::kResourceExhausted, "ANSWER_TOO_LARGE",
                     absl::StrCat(Origin(url), " answers with more than ", answer.limit, " bytes"));
  }
  const std::string message = absl::StrCat(Origin(url), ": ", curl_easy_strerror(code));
  switch (code) {
    case CURLE_OPERATION_TIMEDOUT:
      return MakeError(absl::StatusCode::kDeadlineExceeded, "NO_ANSWER_IN_TIME", message);
    case CURLE_ABORTED_BY_CALLBACK:
      return MakeError(absl::StatusCode::kCancelled, "CALL_CANCELLED", message);
    case CURLE_URL_MALFORMAT:
    case CURLE_UNSUPPORTED_PROTOCOL:
      return MakeError(absl::StatusCode::kInvalidArgument, "BAD_URL", message);
    default:
      return MakeError(absl::StatusCode::kUnavailable, "NO_ANSWER", message);
  }
}

class CurlClient final : public Client {
 public:
  explicit CurlClient(std::function<bool()> cancelled) : cancelled_(std::move(cancelled)) {
    InitCurl();
    handle_ = curl_easy_init();
    if (handle_ == nullptr) {
      std::abort();  // Only without memory.
    }
  }
  ~CurlClient() override { curl_easy_cleanup(handle_); }
  CurlClient(const CurlClient&) = delete;
  CurlClient& operator=(const CurlClient&) = delete;

  absl::StatusOr<Response> Send(const Request& request) override {
    if (cancelled_()) {
      return ToStatus(CURLE_ABORTED_BY_CALLBACK, {}, request.url);
    }
    if (request.timeout <= absl::ZeroDuration()) {
      return ToStatus(CURLE_OPERATION_TIMEDOUT, {}, request.url);
    }
    // Connections outlive it.
    curl_easy_reset(handle_);
    HeaderList headers;
    HeaderList connect_to;
    Answer answer{.body = "", .limit = request.max_response_bytes};
    SetRequest(request, headers, connect_to);
    curl_easy_setopt(handle_, CURLOPT_WRITEFUNCTION, &TakeBody);
    curl_easy_setopt(handle_, CURLOPT_WRITEDATA, &answer);
    const CURLcode code = curl_easy_perform(handle_);
    if (code != CURLE_OK) {
      return ToStatus(code, answer, request.url);
    }
    return ReadResponse(std::move(answer.body));
  }

 private:
  void SetRequest(const Request& request, HeaderList& headers, HeaderList& connect_to) {
    curl_easy_setopt(handle_, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(handle_, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(handle_, CURLOPT_URL, request.url.c_str());
    curl_easy_setopt(handle_, CURLOPT_CUSTOMREQUEST, request.method.c_str());
    curl_easy_setopt(handle_, CURLOPT_TIMEOUT_MS,
                     static_cast<long>(std::max(int64_t{1}, absl::ToInt64Milliseconds(request.timeout))));
    curl_easy_setopt(handle_, CURLOPT_NOPROGRESS, 0L);
    curl_easy_setopt(handle_, CURLOPT_XFERINFOFUNCTION, &AskWhetherCancelled);
    curl_easy_setopt(handle_, CURLOPT_XFERINFODATA, &cancelled_);
    if (request.direct) {
      curl_easy_setopt(handle_, CURLOPT_PROXY, "");
    }
    if (!request.connect_to.empty()) {
      connect_to.Add(absl::StrCat("::", request.connect_to));
      curl_easy_setopt(handle_, CURLOPT_CONNECT_TO, connect_to.get());
    }
    // No round trip to ask whether the body is welcome.
    headers.Add("Expect:");
    for (const auto& [name, value] : request.headers) {
      headers.Add(absl::StrCat(name, ": ", value));
    }
    if (const TracePtr& trace = TraceScope::Current(); trace != nullptr) {
      headers.Add(absl::StrCat(kTraceparentHeader, ": ", Traceparent(*trace)));
    }
    curl_easy_setopt(handle_, CURLOPT_HTTPHEADER, headers.get());
    if (request.method != "GET") {
      curl_easy_setopt(handle_, CURLOPT_POSTFIELDS, request.body.data());
      curl_easy_setopt(handle_, CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(request.body.size()));
    }
  }

  Response ReadResponse(std::string body) const {
    Response response{.status = 0, .body = std::move(body)};
    long status = 0;
    curl_easy_getinfo(handle_, CURLINFO_RESPONSE_CODE, &status);
    response.status = static_cast<int>(status);
    curl_off_t seconds = 0;
    curl_easy_getinfo(handle_, CURLINFO_RETRY_AFTER, &seconds);
    response.retry_after = std::min(absl::Seconds(seconds), kLongestRetryAfter);
    return response;
  }

  std::function<bool()> cancelled_;
  CURL* handle_ = nullptr;
};

struct UrlDeleter {
  void operator()(CURLU* url) const { curl_url_cleanup(url); }
};

bool HasPart(CURLU* url, CURLUPart part) {
  char* text = nullptr;
  const bool found = curl_url_get(url, part, &text, 0) == CURLUE_OK;
  curl_free(text);
  return found;
}

std::string PartOf(CURLU* url, CURLUPart part) {
  char* text = nullptr;
  std::string out;
  if (curl_url_get(url, part, &text, CURLU_DEFAULT_PORT) == CURLUE_OK) {
    out = text;
  }
  curl_free(text);
  return out;
}

}  // namespace

std::unique_ptr<Client> NewClient(std::function<bool()> cancelled) {
  return std::make_unique<CurlClient>(std::move(cancelled));
}

absl::StatusOr<UrlHost> ParseUrlHost(absl::string_view setting, const std::string& text) {
  InitCurl();
  const std::unique_ptr<CURLU, UrlDeleter> url(curl_url());
  if (curl_url_set(url.get(), CURLUPART_URL, text.c_str(), 0) != CURLUE_OK) {
    return InvalidField(setting, absl::StrCat("must be a URL such as http://host:9093, not '", text, "'"));
  }
  const std::string scheme = PartOf(url.get(), CURLUPART_SCHEME);
  if (scheme != "http" && scheme != "https") {
    return InvalidField(setting, absl::StrCat("must begin with http:// or https://, not '", text, "'"));
  }
  for (const CURLUPart part : {CURLUPART_USER, CURLUPART_QUERY, CURLUPART_FRAGMENT}) {
    if (HasPart(url.get(), part)) {
      return InvalidField(setting, "must have no user, query or fragment");
    }
  }
  return UrlHost{.host = PartOf(url.get(), CURLUPART_HOST),
                 .port = std::atoi(PartOf(url.get(), CURLUPART_PORT).c_str())};
}

}  // namespace orewatch::http
