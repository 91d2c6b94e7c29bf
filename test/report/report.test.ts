import { describe, expect, test } from "vitest";
import { reportHtml } from "../../src/report/report.js";
import { badVerification, goodVerification } from "./support.js";

describe("the report", () => {
  test("is one file that refers to nothing else and runs nothing", async () => {
    for (const verification of [await goodVerification(), await badVerification()]) {
      const html = reportHtml(verification);
      expect(html).toMatch(/^<!doctype html>/);
      expect(html).not.toMatch(/<(script|img|link|iframe|object|embed|form|a)\b/i);
      expect(html).not.toMatch(/\b(src|href|action|on[a-z]+)="/i);
      expect(html).toContain("default-src 'none'");
    }
  });

  test("shows bytes that reorder or hide text as what they are", async () => {
    const html = reportHtml(await badVerification());
    expect(html).not.toContain("\u202e");
    expect(html).toContain("\\u202e");
  });

  test("is the same for the same verdict", async () => {
    const verification = await badVerification();
    expect(reportHtml(verification)).toBe(reportHtml(verification));
  });
});
