import { describe, expect, it } from "vitest";

import { readJunit } from "../../../src/predicates/test-report/junit.js";
import { reportText } from "../../../src/predicates/test-report/text.js";
import { refusal } from "../support.js";

/** `outcome name` of each test. */
const read = async (xml: string): Promise<string[]> =>
  (await readJunit(xml, "report.xml")).map(({ name, outcome }) => `${outcome} ${name}`);

describe("a JUnit report", () => {
  it("has tests that pass, fail, end with an error and are skipped", async () => {
    const xml = `<?xml version="1.0" encoding="UTF-8"?>
      <testsuites name="run" tests="4" failures="1" errors="1">
        <testsuite name="com.example.FooTest" tests="4" failures="1" errors="1" skipped="1">
          <properties><property name="java.version" value="21"/></properties>
          <testcase classname="com.example.FooTest" name="adds" time="0.1"/>
          <testcase classname="com.example.FooTest" name="divides"><failure message="1 != 2" type="Assert">at Foo.java:3</failure></testcase>
          <testcase classname="com.example.FooTest" name="opens"><error message="no such file"/></testcase>
          <testcase classname="com.example.FooTest" name="later"><skipped/></testcase>
          <system-out><![CDATA[not ok <b>]]></system-out>
        </testsuite>
      </testsuites>`;
    expect(await read(xml)).toEqual([
      "passed com.example.FooTest > adds",
      "failed com.example.FooTest > divides",
      "failed com.example.FooTest > opens",
      "skipped com.example.FooTest > later",
    ]);
  });

  it("has one suite as its root, as Ant and Surefire write it", async () => {
    expect(await read('<testsuite name="s"><testcase name="a"/></testsuite>')).toEqual(["passed s > a"]);
  });

  it("nests suites", async () => {
    const xml = `<testsuites><testsuite name="outer"><testsuite name="inner"><testcase name="a" classname="c"/></testsuite>
      <testcase name="b"/></testsuite><testcase name="top" classname="test"/></testsuites>`;
    expect(await read(xml)).toEqual([
      "passed outer > inner > c > a",
      "passed outer > b",
      "passed test > top",
    ]);
  });

  it("tells a test that passed when it was run again (Surefire) from one that did not", async () => {
    const xml = `<testsuite name="s"><testcase name="flaky"><flakyFailure message="x"/></testcase>
      <testcase name="broken"><failure/><rerunFailure message="x"/></testcase></testsuite>`;
    expect(await read(xml)).toEqual(["warned s > flaky", "failed s > broken"]);
  });

  it.each([
    ['status="run" result="completed"', "passed"],
    ['status="notrun" result="suppressed"', "skipped"],
    ['status="run" result="skipped"', "skipped"],
    ['status="disabled"', "skipped"],
    ['status="fail"', "failed"],
    ['status="Failed"', "failed"],
  ])("reads %s (googletest, CTest) as %s", async (attributes, outcome) => {
    expect(await read(`<testsuite name="s"><testcase name="a" ${attributes}/></testsuite>`)).toEqual([
      `${outcome} s > a`,
    ]);
  });

  it("fails with a suite that fails outside its tests", async () => {
    expect(
      await read('<testsuite name="s"><error message="no fixture"/><testcase name="a"/></testsuite>'),
    ).toEqual(["failed s > (error of the suite)", "passed s > a"]);
  });

  it("fails with a suite that counts failures of which no test tells", async () => {
    expect(
      await read('<testsuite name="s" failures="1" errors="1"><testcase name="a"/></testsuite>'),
    ).toEqual(["passed s > a", "failed s > (2 failures without a test case)"]);
    expect(await read('<testsuites errors="1"/>')).toEqual(["failed (1 failures without a test case)"]);
  });

  it("may have no tests", async () => {
    expect(await read("<testsuites/>")).toEqual([]);
  });

  it("names everything that is wrong at once", async () => {
    const error = await refusal(() =>
      readJunit('<testsuite><testcase/><testsuite><testcase time="1"/></testsuite></testsuite>', "r.xml"),
    );
    expect(error.code).toBe("REPORT_INVALID");
    expect(error.problems.map(({ path }) => path)).toEqual([
      "testsuite.testcase[0]",
      "testsuite.testsuite[1].testcase[0]",
    ]);
  });

  it.each([
    ["cut off", '<testsuite name="s"><testcase name="a"/>', /unclosed tag/],
    ["an entity of its own", '<!DOCTYPE t [<!ENTITY a "b">]><testsuite name="&a;"/>', /document type/],
    [
      "an external entity",
      '<!DOCTYPE t [<!ENTITY a SYSTEM "file:///etc/passwd">]><testsuite name="&a;"/>',
      /document type/,
    ],
    ["an undefined entity", '<testsuite name="&nbsp;"/>', /undefined entity/],
    ["two roots", "<testsuite/><testsuite/>", /one root/],
    ["a repeated attribute", '<testsuite failures="1" failures="0"/>', /duplicate attribute/],
    ["a control character", "<testsuite>\u0001</testsuite>", /disallowed/],
    [
      "another format",
      '<TestRun xmlns="http://microsoft.com/schemas/VisualStudio/TeamTest/2010"/>',
      /TestRun[^]*TRX/,
    ],
  ])("is refused: %s", async (_case, xml, message) => {
    const error = await refusal(() => readJunit(xml, "r.xml"));
    expect(error.code).toBe("REPORT_INVALID");
    expect(error.message).toMatch(message);
  });

  it("is refused when it is nested too deep", async () => {
    const xml = "<testsuite>".repeat(100_000) + "</testsuite>".repeat(100_000);
    expect((await refusal(() => readJunit(xml, "r.xml"))).code).toBe("LIMIT_EXCEEDED");
  });
});

describe("the text of a report", () => {
  const xml = '<?xml version="1.0" encoding="iso-8859-1"?><testsuite name="é"/>';

  it.each([
    ["UTF-8 with a byte order mark", Buffer.from("\ufeff<a/>"), "<a/>"],
    ["UTF-16 with a byte order mark", Buffer.from("\ufeff<a/>", "utf16le"), "<a/>"],
    ["the encoding that the XML declaration names", Buffer.from(xml, "latin1"), xml],
  ])("is read in %s", (_case, bytes, text) => {
    expect(reportText(bytes, "r")).toBe(text);
  });

  it.each([
    ["bytes that are no UTF-8", Buffer.from([0x3c, 0xff, 0x3e])],
    ["an encoding that nobody knows", Buffer.from('<?xml version="1.0" encoding="x-unknown"?><a/>')],
  ])("is refused: %s", async (_case, bytes) => {
    expect((await refusal(() => reportText(bytes, "r"))).code).toBe("REPORT_INVALID");
  });
});
