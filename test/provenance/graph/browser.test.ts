/** The page in a real Chromium. */
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { type Browser, launch, type Page } from "puppeteer-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { graph } from "../../../src/provenance/graph/html.js";
import { buildOf, hostile } from "./builds.js";

const candidates = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];
const executable = candidates.find((path) => existsSync(path));
const why = executable === undefined ? "needs Chromium: apt-get install chromium" : "Chromium is there";

describe.skipIf(executable === undefined)(`the page (${why})`, () => {
  const directory = mkdtempSync(join(tmpdir(), "attest-graph-"));
  const requests: string[] = [];
  const complaints: string[] = [];
  let browser: Browser;
  let page: Page;

  beforeAll(async () => {
    browser = await launch({
      ...(executable === undefined ? {} : { executablePath: executable }),
      args: ["--no-sandbox", "--disable-gpu"],
    });
    page = await browser.newPage();
    await page.setViewport({ width: 1280, height: 800 });
    page.on("request", (request) => requests.push(request.url()));
    page.on("console", (message) => complaints.push(message.text()));
    page.on("pageerror", (error) => complaints.push(String(error)));
    page.on("dialog", (dialog) => {
      complaints.push(dialog.message());
      void dialog.dismiss();
    });
  });
  afterAll(async () => {
    await browser.close();
    rmSync(directory, { recursive: true });
  });

  async function open(steps: number): Promise<void> {
    const file = join(directory, `${steps}.html`);
    writeFileSync(file, graph(await buildOf(steps), `build of ${steps} ${hostile}`));
    requests.length = 0;
    complaints.length = 0;
    await page.goto(pathToFileURL(file).href, { waitUntil: "load" });
  }
  /** The value of an expression in the page, which is typed by who asks: the browser's types are not Node's. */
  const ask = async <T>(expression: string): Promise<T> => (await page.evaluate(expression)) as T;
  const rect = "(e=>{const{left,right,top,bottom}=e.getBoundingClientRect();return{left,right,top,bottom}})";
  type Rect = {
    readonly left: number;
    readonly right: number;
    readonly top: number;
    readonly bottom: number;
  };
  /** What a person would measure with a ruler. */
  const boxes = () =>
    ask<(Rect & { readonly id: string })[]>(
      `[...document.querySelectorAll(".node")].map(n=>({id:n.id,...${rect}(n)}))`,
    );
  const lines = () =>
    ask<{ inner: Rect; outer: Rect }[]>(
      `[...document.querySelectorAll(".title,.meta")].map(l=>({inner:${rect}(l),outer:${rect}(l.parentElement)}))`,
    );
  const focused = () => ask<string>("document.activeElement.id");
  const panel = () => ask<string>(`(p=>p.hidden?"":p.textContent)(document.getElementById("facts"))`);

  it.each([5, 500])("with %d steps: renders, loads nothing, nothing overflows or overlaps", async (steps) => {
    await open(steps);
    const drawn = await boxes();
    expect(drawn.filter(({ id }) => id.startsWith("s"))).toHaveLength(steps);
    expect(drawn.filter(({ id }) => id.startsWith("i"))).toHaveLength(steps + 1);
    expect(
      await ask<number>("document.documentElement.scrollWidth-document.documentElement.clientWidth"),
    ).toBe(0);
    const sorted = [...drawn].sort((a, b) => a.left - b.left || a.top - b.top);
    for (const [index, box] of sorted.entries()) {
      const before = sorted[index - 1];
      if (before !== undefined && before.left === box.left)
        expect(box.top).toBeGreaterThanOrEqual(before.bottom);
    }
    for (const { inner, outer } of await lines()) {
      expect(inner.right).toBeLessThanOrEqual(outer.right);
      expect(inner.bottom).toBeLessThanOrEqual(outer.bottom + 0.5);
    }
    expect(requests).toHaveLength(1);
    expect(complaints).toEqual([]);
  });

  it("shows gaps, sources, time and memory", async () => {
    await open(5);
    const text = await ask<string>("document.body.innerText");
    expect(text).toContain("digest-unknown: http https://files.test/1.tgz");
    expect(text).toContain("no digest");
    expect(text).toContain("1.0 s · 734.0 MB · recipe · exact");
    expect(text).toContain("Materials: partial");
    expect(await ask<string>(`document.getElementById("s0").title`)).toContain("1.0 s · 734.0 MB");
  });

  it("shows a step's facts on a click, and hides them on Escape, with the focus back on the step", async () => {
    await open(5);
    expect(await panel()).toBe("");
    await page.click("#s1");
    expect(await panel()).toContain("target-1");
    expect(await panel()).toContain("Container.withExec");
    expect(await ask<number>(`document.querySelectorAll("path.on").length`)).toBe(3);
    await page.keyboard.press("Escape");
    expect(await panel()).toBe("");
    expect(await focused()).toBe("s1");
  });

  it("shows hostile text as text", async () => {
    await open(5);
    await page.click("#s2");
    expect(await panel()).toContain(hostile);
    expect(await page.$$("img")).toHaveLength(0);
    expect(complaints).toEqual([]);
  });

  it("can be used with the keyboard alone", async () => {
    await open(5);
    await page.focus("#filter");
    await page.keyboard.press("Tab");
    expect(await focused()).toBe("i0");
    await page.keyboard.press("ArrowRight");
    expect(await focused()).toBe("s0");
    await page.keyboard.press("ArrowDown");
    await page.keyboard.press("Enter");
    expect(await focused()).toBe("s1");
    expect(await panel()).toContain("target-1");
    await page.keyboard.press("ArrowLeft");
    expect(await focused()).toBe("i2");
    expect(await panel()).toContain("https://files.test/1.tgz");
    await page.keyboard.press("End");
    expect(await focused()).toBe("i5");
    expect(await ask<string>(`getComputedStyle(document.getElementById("i5")).outlineStyle`)).toBe("solid");
  });

  it("finds a step among 500", async () => {
    await open(500);
    await page.type("#filter", "target-250");
    expect(await ask<string[]>(`[...document.querySelectorAll(".node:not(.dim)")].map(n=>n.id)`)).toEqual([
      "s250",
    ]);
    expect(await ask<string>(`document.getElementById("hits").textContent`)).toBe("1 of 1002");
    const { top } = await ask<Rect>(`${rect}(document.getElementById("s250"))`);
    expect(top).toBeGreaterThan(0);
    expect(top).toBeLessThan(800);
  });
});
