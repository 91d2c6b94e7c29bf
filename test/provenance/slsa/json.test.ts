import { createHash } from "node:crypto";

import { describe, expect, it } from "vitest";
import { jsonChunks, sha256WhenWritten } from "../../../src/provenance/slsa/json.js";
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

describe("sha256WhenWritten", () => {
  const document = {
    steps: Array.from({ length: 30_000 }, (_, n) => ({ id: `step ${n}` })),
    ä: ["\u{1f600}"],
  };
  const expected = createHash("sha256").update(JSON.stringify(document)).digest("hex");

  it("is the digest of the text, written before or not, and changes nothing of it", () => {
    const [asked, written] = [{ ...document }, { ...document }];
    expect(sha256WhenWritten(asked)()).toBe(expected);
    const sha256 = sha256WhenWritten(written);
    expect([...jsonChunks({ first: written, second: [written] })].join("")).toBe(
      JSON.stringify({ first: document, second: [document] }),
    );
    expect(sha256()).toBe(expected);
  });

  it("makes the text once when it is asked for after it was written", () => {
    let made = 0;
    const counted = {
      steps: {
        *[Symbol.iterator]() {
          made += 1;
          yield* document.steps;
        },
      },
      ä: document["ä"],
    };
    const sha256 = sha256WhenWritten(counted);
    const value = {
      counted,
      digest: {
        get sha256() {
          return sha256();
        },
      },
    };
    expect([...jsonChunks(value)].join("")).toContain(`"digest":{"sha256":"${expected}"}`);
    expect(made).toBe(1);
  });

  it("is right after writing that was given up", () => {
    const value = { ...document };
    const sha256 = sha256WhenWritten(value);
    for (const _chunk of jsonChunks(value)) break;
    expect(sha256()).toBe(expected);
  });
});
