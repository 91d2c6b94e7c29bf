/** A real browser for pages that people open: Debian's Chromium, which scripts/setup.sh installs. */
import { existsSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

import { launch, type Page } from "puppeteer-core";

const candidates = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];

/** Where Chromium is; undefined where there is none. */
export const chromium = candidates.find((path) => existsSync(path));
export const whyNoChromium =
  chromium === undefined ? "needs Chromium: apt-get install chromium" : "in Chromium";

export type Browser = {
  readonly page: Page;
  /** Every address that the page asked for. */
  readonly requests: string[];
  /** What the page said to the console, or showed in a dialog, or broke with. */
  readonly complaints: string[];
  /** Opens HTML as a file. */
  open(html: string): Promise<void>;
  /** The value of an expression in the page. */
  ask<T>(expression: string): Promise<T>;
  close(): Promise<void>;
};

export async function openBrowser(): Promise<Browser> {
  const directory = await mkdtemp(join(tmpdir(), "attest-browser-"));
  const browser = await launch({
    ...(chromium === undefined ? {} : { executablePath: chromium }),
    args: ["--no-sandbox", "--disable-gpu"],
  });
  const page = await browser.newPage();
  const requests: string[] = [];
  const complaints: string[] = [];
  page.on("request", (request) => void requests.push(request.url()));
  page.on("console", (message) => void complaints.push(message.text()));
  page.on("pageerror", (error) => void complaints.push(String(error)));
  page.on("dialog", (dialog) => {
    complaints.push(dialog.message());
    void dialog.dismiss();
  });
  return {
    page,
    requests,
    complaints,
    open: async (html) => {
      const path = join(directory, "page.html");
      await writeFile(path, html);
      requests.splice(0);
      complaints.splice(0);
      await page.goto(pathToFileURL(path).href, { waitUntil: "load" });
    },
    ask: async <T>(expression: string): Promise<T> => (await page.evaluate(expression)) as T,
    close: async () => {
      await browser.close();
      await rm(directory, { recursive: true, force: true });
    },
  };
}
