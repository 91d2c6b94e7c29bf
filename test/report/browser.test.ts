/** The report as people see it: in a real browser, light and dark, wide and narrow. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { reportHtml } from "../../src/report/report.js";
import type { Verification } from "../../src/verification/types.js";
import { chromium, openBrowser, whyNoChromium, type Browser } from "../support/browser.js";
import { badVerification, goodVerification } from "./support.js";

/** The ratio of luminances of every text and what it stands on, by WCAG 2.2, section 1.4.3. */
const contrasts = `(() => {
  const channels = (color) => (color.match(/[\\d.]+/g) ?? []).map(Number);
  const luminance = ([r, g, b]) => [r, g, b]
    .map((value) => value / 255)
    .map((value) => (value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4))
    .reduce((sum, value, index) => sum + value * [0.2126, 0.7152, 0.0722][index], 0);
  const behind = (element) => {
    for (let at = element; at !== null; at = at.parentElement) {
      const [r, g, b, alpha = 1] = channels(getComputedStyle(at).backgroundColor);
      if (alpha === 1) return [r, g, b];
    }
    return [255, 255, 255];
  };
  const texts = [...document.querySelectorAll("h1,h2,h3,p,dt,dd,code,.mark,.what,.message,footer")];
  return texts.filter((text) => text.textContent.trim() !== "").map((text) => {
    const [light, dark] = [luminance(channels(getComputedStyle(text).color)), luminance(behind(text))].sort((a, b) => b - a);
    return (light + 0.05) / (dark + 0.05);
  });
})()`;

/** Hue of a colour, in degrees: 120 is green, 0 and 360 are red, 40 is amber. */
const hueOfVerdict = `(() => {
  const [r, g, b] = getComputedStyle(document.querySelector("h1")).color.match(/[\\d.]+/g).map(Number);
  const most = Math.max(r, g, b), range = most - Math.min(r, g, b);
  const hue = most === r ? (g - b) / range : most === g ? 2 + (b - r) / range : 4 + (r - g) / range;
  return (hue * 60 + 360) % 360;
})()`;

describe.skipIf(chromium === undefined)(`the report, ${whyNoChromium}`, () => {
  let browser: Browser;
  let good: Verification;
  let bad: Verification;

  beforeAll(async () => {
    [browser, good, bad] = await Promise.all([openBrowser(), goodVerification(), badVerification()]);
  });
  afterAll(() => browser.close());

  async function show(verification: Verification, width = 1280, scheme = "light"): Promise<void> {
    await browser.page.setViewport({ width, height: 720 });
    await browser.page.emulateMediaFeatures([{ name: "prefers-color-scheme", value: scheme }]);
    await browser.open(reportHtml(verification));
  }

  const looks = ["light", "dark"].flatMap((scheme) =>
    [1280, 390, 320].map((width) => [scheme, width] as const),
  );

  test.each(looks)("tells the verdict at a glance, %s and %d pixels wide", async (scheme, width) => {
    for (const [verification, hues] of [
      [good, [100, 170]],
      [bad, [340, 375]],
    ] as const) {
      await show(verification, width, scheme);
      const hue = await browser.ask<number>(hueOfVerdict);
      expect(hue < 90 ? hue + 360 * Number(hues[0] > 300) : hue).toBeGreaterThan(hues[0]);
      expect(hue < 90 ? hue + 360 * Number(hues[0] > 300) : hue).toBeLessThan(hues[1]);
      const box = await browser.ask<number>(
        `document.querySelector("header").getBoundingClientRect().bottom`,
      );
      expect(box).toBeLessThan(720);
      const overflow = "document.documentElement.scrollWidth - document.documentElement.clientWidth";
      expect(await browser.ask<number>(overflow)).toBe(0);
      expect(Math.min(...(await browser.ask<number[]>(contrasts)))).toBeGreaterThanOrEqual(4.5);
      expect(browser.requests).toHaveLength(1);
      expect(browser.complaints).toEqual([]);
    }
  });

  test("of a verdict that nobody in particular made is neither green nor red", async () => {
    const anyone = { check: "signer" as const, message: "Any identity was taken; it is somebody." };
    await show({ ...good, notChecked: [anyone] });
    const hue = await browser.ask<number>(hueOfVerdict);
    expect([hue > 25, hue < 60]).toEqual([true, true]);
    expect(await browser.ask<string>(`document.querySelector("h1").textContent`)).toMatch(
      /by whom was not checked/,
    );
  });

  test("lists what was and was not checked, each to unfold by mouse and by keyboard", async () => {
    await show(good);
    const marks = (state: string) =>
      browser.ask<number>(`document.querySelectorAll(".bundle .mark.${state}").length`);
    expect(await marks("passed")).toBe((good.bundles[0]?.checks.length ?? 0) + 1);
    expect(await marks("open")).toBe(good.bundles[0]?.notChecked.length);
    const summaries = await browser.page.$$(".bundle details > summary");
    for (const [index, summary] of summaries.entries()) {
      const isOpen = () =>
        browser.ask<boolean>(`document.querySelectorAll(".bundle details")[${index}].open`);
      expect(await isOpen()).toBe(false);
      await summary.click();
      expect(await isOpen()).toBe(true);
      await summary.focus();
      await browser.page.keyboard.press("Enter");
      expect(await isOpen()).toBe(false);
    }
  });

  test("gives each reason open, with expected, got and the bundle, and folds the bundles", async () => {
    await show(bad);
    const text = await browser.ask<string>("document.body.innerText");
    for (const { code, message } of bad.failures) {
      expect(text).toContain(code);
      expect(text).toContain(message);
    }
    expect(text).toContain("broken.json");
    expect(await browser.ask<number>(`document.querySelectorAll(".bundle").length`)).toBe(3);
    expect(await browser.ask<number>(`document.querySelectorAll(".bundle[open]").length`)).toBe(0);
    expect(await browser.ask<string>("document.title")).toMatch(/^Not verified/);
    expect(await browser.ask<number>(`document.querySelectorAll("script,img,a").length`)).toBe(0);
  });
});
