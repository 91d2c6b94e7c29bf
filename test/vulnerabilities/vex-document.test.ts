import { describe, expect, it } from "vitest";

import { readPredicate } from "../../src/predicates/definition.js";
import { openVex } from "../../src/predicates/openvex.js";
import { vexDocument, writeVex, type VexWords } from "../../src/vulnerabilities/vex-document.js";
import { summariseVex } from "../../src/vulnerabilities/vex-summary.js";
import { refusal } from "../predicates/support.js";

const words: VexWords = {
  vulnerabilities: ["CVE-2021-44228", "CVE-2099-0001"],
  status: "not_affected",
  justification: "vulnerable_code_not_in_execute_path",
  impact: "Only log4j-api is in it.",
  products: ["pkg:oci/app@sha256%3Aabc"],
  author: "Ada <ada@example.com>",
  created: "2026-11-24T12:00:00+01:00",
};

describe("a VEX document", () => {
  it("says the same of every vulnerability that it names", () => {
    const document = vexDocument(words);
    expect(readPredicate(openVex, writeVex(document))).toEqual(document);
    expect(document).toEqual({
      "@context": "https://openvex.dev/ns/v0.2.0",
      "@id": expect.stringMatching(/^https:\/\/openvex\.dev\/docs\/public\/vex-[0-9a-f]{64}$/) as string,
      author: "Ada <ada@example.com>",
      timestamp: "2026-11-24T11:00:00.000Z",
      version: 1,
      statements: ["CVE-2021-44228", "CVE-2099-0001"].map((name) => ({
        vulnerability: { name },
        products: [{ "@id": "pkg:oci/app@sha256%3Aabc" }],
        status: "not_affected",
        justification: "vulnerable_code_not_in_execute_path",
        impact_statement: "Only log4j-api is in it.",
      })),
    });
  });

  it("has an id of its content", () => {
    expect(vexDocument(words)["@id"]).toBe(vexDocument({ ...words })["@id"]);
    expect(vexDocument({ ...words, author: "Bob" })["@id"]).not.toBe(vexDocument(words)["@id"]);
  });

  it("leaves the products to the statement's subjects unless they are named", () => {
    const { products: _none, ...rest } = words;
    expect(vexDocument(rest).statements[0]).not.toHaveProperty("products");
  });

  it("is told in a few lines", () => {
    expect(summariseVex(vexDocument(words))).toBe(
      [
        "OpenVEX by Ada <ada@example.com>, 2 statements",
        "  CVE-2021-44228: not_affected, vulnerable_code_not_in_execute_path",
        "  CVE-2099-0001: not_affected, vulnerable_code_not_in_execute_path",
      ].join("\n"),
    );
  });

  const { justification: _justification, impact: _impact, ...bare } = words;
  it.each<[string, VexWords, string[]]>([
    ["no reason for not_affected", bare, [""]],
    ["no action for affected", { ...bare, status: "affected" }, ["action"]],
    ["a justification of what is fixed", { ...words, status: "fixed" }, ["justification"]],
    [
      "no vulnerability and no author",
      { ...words, vulnerabilities: [], author: "" },
      ["vulnerabilities", "author"],
    ],
  ])("is refused with %s", async (_case, given, paths) => {
    const error = await refusal(() => vexDocument(given));
    expect(error.code).toBe("ARGUMENT_INVALID");
    expect(error.problems.map(({ path }) => path)).toEqual(paths);
  });

  it("refuses a product that is no IRI when it is written", async () => {
    const error = await refusal(() => writeVex(vexDocument({ ...words, products: ["my app"] })));
    expect(error.problems[0]?.path).toBe("statements[0].products[0].@id");
  });
});
