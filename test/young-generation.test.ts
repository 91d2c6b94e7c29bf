import { execFileSync } from "node:child_process";
import { join } from "node:path";

import { describe, expect, it } from "vitest";

const source = join(import.meta.dirname, "../src/young-generation.ts");

/** What a process of its own takes for young objects, in MiB: when it has kept some, and at last. */
function youngSpace(hold: string, kept: readonly [number, number]): { before: number; after: number } {
  const program = `
    import { getHeapSpaceStatistics } from "node:v8";
    import { holdYoungGeneration } from ${JSON.stringify(source)};
    const kept = [];
    const keep = (count) => { for (let n = 0; n < count; n++) kept.push({ n, of: [n] }); };
    const size = () => getHeapSpaceStatistics().find((one) => one.space_name === "new_space").space_size / 2 ** 20;
    keep(${kept[0]});
    const before = size();
    ${hold};
    keep(${kept[1]});
    console.log(JSON.stringify({ before, after: size() }));
  `;
  const args = ["--experimental-strip-types", "--input-type=module", "--eval", program];
  const output = execFileSync(process.execPath, args, {
    encoding: "utf8",
    stdio: ["ignore", "pipe", "ignore"],
  });
  return JSON.parse(output) as { before: number; after: number };
}

describe("holdYoungGeneration", () => {
  it("has an effect after the start: the space stays as it is, which grows without it", () => {
    const held = youngSpace("holdYoungGeneration(0)", [300_000, 3_000_000]);
    expect(held.after).toBe(held.before);
    expect(youngSpace("", [300_000, 3_000_000]).after).toBeGreaterThan(held.after);
  });

  it("lets a space grow that is small", () => {
    const held = youngSpace("holdYoungGeneration(0)", [0, 300_000]);
    expect(held.after).toBeGreaterThan(held.before);
  });
});
