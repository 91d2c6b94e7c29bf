import { expect, test } from "vitest";

import { readPage } from "./pages.js";

test("docs/errors.md has every code of src/error.ts, and no other", async () => {
  const source = (await readPage("src/error.ts")).text;
  const union = /export type AttestErrorCode =([\s\S]*?);/.exec(source)?.[1] ?? "";
  const codes = [...union.matchAll(/\| "([A-Z_]+)"/g)].map(([, code]) => code);
  const page = (await readPage("docs/errors.md")).text;
  const documented = [...page.matchAll(/^## ([A-Z_]+)$/gm)].map(([, code]) => code);
  expect(codes).not.toEqual([]);
  expect([...documented].sort()).toEqual([...codes].sort());
});

test("docs/errors.md says for every code what it means and what to do", async () => {
  const page = (await readPage("docs/errors.md")).text;
  const sections = page.split(/^## /m).slice(1);
  const incomplete = sections.filter((section) => !/\n\n\*\*What to do:\*\* \S/.test(section));
  expect(incomplete.map((section) => section.split("\n", 1)[0])).toEqual([]);
});
