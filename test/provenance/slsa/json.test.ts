import { describe, expect, it } from "vitest";
import { jsonChunks } from "../../../src/provenance/slsa/json.js";
import fc from "../../support/property.js";

describe("jsonChunks", () => {
  it("gives the text of JSON.stringify", () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 12 }), (value) => {
        expect([...jsonChunks(value)].join("")).toBe(JSON.stringify(value));
      }),
    );
  });

  it("leaves out what is undefined, and keeps long arrays whole", () => {
    const value = {
      a: undefined,
      b: [undefined, 1],
      c: Array.from({ length: 200 }, (_, n) => ({ n, x: undefined })),
      d: {},
      e: [],
    };
    expect([...jsonChunks(value)].join("")).toBe(JSON.stringify(value));
  });
});
