import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { reportHtml } from "../../src/report/report.js";
import { badVerification, goodVerification } from "./support.js";

const chromium = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"].find((path) =>
  existsSync(path),
);
if (chromium === undefined) console.warn("the report is not opened in a browser: there is no Chromium");

let directory: string;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "attest-report-"));
});
afterAll(() => rm(directory, { recursive: true, force: true }));

/** The page after a browser has opened it and run whatever it would run. */
async function open(html: string): Promise<string> {
  const path = join(directory, "report.html");
  await writeFile(path, html);
  const args = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    `--user-data-dir=${join(directory, "profile")}`,
    "--dump-dom",
    `file://${path}`,
  ];
  return (await promisify(execFile)(chromium ?? "", args, { maxBuffer: 1 << 24 })).stdout;
}

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

describe.skipIf(chromium === undefined)("the report in a browser", () => {
  test("is green, and lists what was and was not checked", async () => {
    const verification = await goodVerification();
    const dom = await open(reportHtml(verification));
    expect(dom).toContain('<header class="good"');
    expect(dom).toContain("Verified: hello.txt</h1>");
    expect(dom).toContain("Not checked: time of signing, transparency log, kind of statement.");
    expect(dom.match(/class="mark passed">passed/g)).toHaveLength(verification.checks.length);
    expect(dom.match(/class="mark open">not checked/g)).toHaveLength(verification.notChecked.length);
  });

  test("is red, gives each reason open, and runs nothing of what an attacker wrote", async () => {
    const verification = await badVerification();
    const dom = await open(reportHtml(verification));
    expect(dom).toContain('<header class="bad"');
    expect(dom).not.toContain("<title>owned");
    expect(dom).not.toMatch(/<(script|img|a)\b/);
    expect(dom.match(/<details open=""/g)).toHaveLength(verification.failures.length);
    for (const { code } of verification.failures) expect(dom).toContain(`<code>${code}</code>`);
  });
});
