import { bundleFromJSON } from "@sigstore/bundle";
import { describe, expect, test } from "vitest";
import { AttestError } from "../../src/error.js";
import { bytesSource } from "../../src/signing/source.js";
import { readBundle } from "../../src/verification/bundle/read.js";
import { splitBundle } from "../../src/verification/bundle/split.js";
import { bundleLimits } from "../../src/verification/bundle/types.js";
import { verify } from "../../src/verification/verify.js";
import fc from "../support/property.js";
import { input, keyKinds, makeKey, request, signBytes, signValue, statement } from "./support.js";

type Parts = Record<string, Record<string, unknown>>;

const key = makeKey();

describe("whatever comes in", () => {
  const bundle = signValue(statement(), key);

  const anyBytes = fc.oneof(
    fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.from(bytes)),
    fc.json().map((text) => Buffer.from(text)),
    fc.anything().map((value) =>
      Buffer.from(
        JSON.stringify({
          mediaType: value,
          dsseEnvelope: value,
          payload: value,
          verificationMaterial: value,
        }),
      ),
    ),
  );

  test("the reader crashes with nothing but its own error", async () => {
    await fc.assert(
      fc.asyncProperty(anyBytes, async (bytes) => {
        const outcome: unknown = await readBundle(bytesSource(bytes)).catch((error: unknown) => error);
        if (outcome instanceof Error) expect(outcome).toBeInstanceOf(AttestError);
      }),
      { numRuns: 500 },
    );
  });

  test("a bundle with parts replaced by anything gets a verdict, and passes only unchanged", async () => {
    const whole = JSON.parse((await bundle).toString("utf8")) as Record<string, unknown>;
    const envelope = whole["dsseEnvelope"] as Record<string, unknown>;
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...Object.keys(envelope)), fc.anything(), async (name, value) => {
        const changed = JSON.stringify({ ...whole, dsseEnvelope: { ...envelope, [name]: value } });
        const { passed } = await verify([input(changed)], request(key));
        expect(passed).toBe(JSON.stringify(value) === JSON.stringify(envelope[name]));
      }),
      { numRuns: 300 },
    );
  });

  test("the bundle of a bare key, which is read without Sigstore's library, is one that the library takes", async () => {
    const whole = JSON.parse((await bundle).toString("utf8")) as Parts;
    const material = { publicKey: { hint: "" }, tlogEntries: [], timestampVerificationData: {} };
    const parts = [
      ...["mediaType", "verificationMaterial", "dsseEnvelope"].map((name) => [name]),
      ...Object.keys(material).map((name) => ["verificationMaterial", name]),
      ...["payload", "payloadType", "signatures"].map((name) => ["dsseEnvelope", name]),
    ];
    const odd = fc.constantFrom<unknown>(undefined, null, "", 0, [], {}, [{}], { hint: null }, { hint: "k" });
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...parts), odd, async ([name = "", inner], value) => {
        const base: Parts = { ...whole, verificationMaterial: material };
        const changed = { ...base, [name]: inner === undefined ? value : { ...base[name], [inner]: value } };
        const bytes = Buffer.from(JSON.stringify(changed));
        const read = await readBundle(bytesSource(bytes)).catch(() => undefined);
        if (read === undefined) return;
        const taken = bundleFromJSON(JSON.parse(bytes.toString())).verificationMaterial;
        expect(read.signer).toEqual({
          kind: "key",
          hint: taken.content.$case === "publicKey" && taken.content.publicKey.hint,
        });
        expect([read.tlogEntries, taken.tlogEntries]).toEqual([[], []]);
      }),
      { numRuns: 400 },
    );
  });

  test("a signed payload of any bytes gets a verdict", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.oneof(
          fc.uint8Array({ minLength: 1 }),
          fc.json().map((text) => Buffer.from(text)),
        ),
        async (payload) => {
          const { passed } = await verify([input(await signBytes(payload, key))], request(key));
          expect(passed).toBe(false);
        },
      ),
      { numRuns: 200 },
    );
  });
});

describe("flipping any one bit of a bundle", () => {
  // All bits where verifying is cheap, every seventh where a curve makes it slow.
  test.each(keyKinds.map((kind) => [kind, kind === "P-384" || kind === "P-521" ? 7 : 1] as const))(
    "never verifies (%s)",
    async (kind, step) => {
      const signer = makeKey(kind);
      const bundle = await signValue(statement(), signer);
      expect((await verify([input(bundle)], request(signer))).passed).toBe(true);
      const survivors: string[] = [];
      for (let bit = 0; bit < bundle.length * 8; bit += step) {
        const flipped = Buffer.from(bundle);
        flipped[bit >> 3] = (flipped[bit >> 3] ?? 0) ^ (1 << (bit & 7));
        if ((await verify([input(flipped)], request(signer))).passed)
          survivors.push(flipped.toString("latin1"));
      }
      expect(survivors).toEqual([]);
    },
  );
});

describe("reading in pieces", () => {
  test("finds the same as reading whole, wherever the pieces are cut", async () => {
    const bundle = await signValue(statement(), key);
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.integer({ min: 0, max: bundle.length }), { maxLength: 5 }),
        async (cuts) => {
          const edges = [0, ...cuts.sort((a, b) => a - b), bundle.length];
          const pieces = edges.slice(1).map((end, index) => bundle.subarray(edges[index], end));
          const { shell, payload } = await splitBundle(
            { size: bundle.length, chunks: () => pieces },
            bundleLimits,
          );
          expect(payload).toBeDefined();
          const text = bundle.subarray(payload?.start, payload?.end).toString();
          expect(text).toBe(Buffer.from(JSON.stringify(statement())).toString("base64"));
          expect(shell.toString()).toBe(bundle.toString().replace(text, "AA=="));
        },
      ),
    );
  });
});
