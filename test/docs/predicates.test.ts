import { expect, test } from "vitest";

import { knownPredicates } from "../../src/predicates/known.js";
import { readPage } from "./pages.js";

/** The URIs of the table; `also` is followed by what else may stand at the end of the one before. */
function listedTypes(page: string): string[] {
  const rows = page.split("\n").filter((line) => line.startsWith("| `https://"));
  return rows.flatMap((row) => {
    const types: string[] = [];
    for (const [, code = "", rest = ""] of (row.split("|")[1] ?? "").matchAll(/`([^`]+)`([^`]*)/g)) {
      const [first = ""] = types;
      if (code.startsWith("https://")) types.push(code);
      else if (rest.trim() === "to") types.push(...range(first, code, row));
      else types.push(first.replace(/\/v[\d.]+$/, "") + code);
    }
    return types;
  });
}

/** `/v1.2` to `/v1.7`: the last one is the next in the row. */
function range(base: string, from: string, row: string): string[] {
  const last = Number(/ to `\/v1\.(\d+)`/.exec(row)?.[1]);
  const first = Number(from.replace("/v1.", ""));
  return Array.from({ length: last - first }, (_none, at) => `${base}/v1.${first + at}`);
}

test("docs/predicates.md lists every type that is known, and no other", async () => {
  const listed = listedTypes((await readPage("docs/predicates.md")).text);
  expect(listed.toSorted()).toEqual(knownPredicates.map(({ predicateType }) => predicateType).toSorted());
});
