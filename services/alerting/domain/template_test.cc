#include "services/alerting/domain/template.h"

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace orewatch::alerting {
namespace {

using ::testing::HasSubstr;

std::string Render(absl::string_view text) {
  std::string error;
  const auto parsed = Template::Parse(text, error);
  return parsed.has_value() ? parsed->Render([](Field field) { return absl::StrCat("<", FieldName(field), ">"); })
                            : absl::StrCat("error: ", error);
}

TEST(TemplateTest, FieldsStandForTheirTexts) {
  EXPECT_EQ(Render("{{ .subject }} stands at {{.value}}!"), "<subject> stands at <value>!");
  EXPECT_EQ(Render("{{.rule}}{{ .rule }}"), "<rule><rule>");
  EXPECT_EQ(Render("a { b } c"), "a { b } c");
  EXPECT_EQ(Render(""), "");
}

TEST(TemplateTest, WhatIsNoFieldIsRefused) {
  for (const auto* text : {"{{ .colour }}", "{{ subject }}", "{{ }}", "{{ . subject }}", "{{ .subject .value }}"}) {
    EXPECT_THAT(Render(text), HasSubstr("error: between {{ and }} must stand a dot and one of alert, rule, "));
  }
}

TEST(TemplateTest, BracesComeInPairs) {
  EXPECT_EQ(Render("{{ .subject"), "error: {{ without }}");
  EXPECT_EQ(Render("a }} b"), "error: }} without {{");
  EXPECT_EQ(Render("{{ .subject }} }}"), "error: }} without {{");
}

}  // namespace
}  // namespace orewatch::alerting
