import { describe, expect, test } from "vitest";
import { decodeBase64, encodeBase64 } from "../../src/signing/base64.js";
import fc from "../support/property.js";

async function encode(chunks: readonly Uint8Array[]): Promise<string> {
  const pieces: string[] = [];
  for await (const piece of encodeBase64(chunks)) pieces.push(piece);
  return pieces.join("");
}

describe("base64", () => {
  test("is the same in whatever pieces the bytes come", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.uint8Array({ maxLength: 9 })), async (chunks) => {
        expect(await encode(chunks)).toBe(Buffer.concat(chunks).toString("base64"));
      }),
    );
  });

  test("decodes both alphabets, padded or not", () => {
    fc.assert(
      fc.property(fc.uint8Array(), (bytes) => {
        const standard = Buffer.from(bytes).toString("base64");
        const urlSafe = standard.replaceAll("+", "-").replaceAll("/", "_");
        for (const text of [standard, urlSafe, standard.replace(/=+$/, ""), urlSafe.replace(/=+$/, "")])
          expect(decodeBase64(text)).toEqual(Buffer.from(bytes));
      }),
    );
  });

  test.each([
    ["stray bits", "QUJDRF=="],
    ["stray bits, unpadded", "QUI1" + "QR"],
    ["one character too many", "QUJDQ"],
    ["padding too short", "QQ="],
    ["padding too long", "QUI=="],
    ["padding in the middle", "QQ==QUJD"],
    ["a line break", "QUJD\nQUJD"],
    ["a blank", " QUJD"],
    ["both alphabets", "+-AA"],
    ["another character", "QUJ!"],
    ["only padding", "=="],
    ["a character whose low byte is a letter", "QUJ\u0141"],
    ["padding alone in a group", "QUJDQ==="],
  ])("is refused with %s", (_name, text) => {
    expect(decodeBase64(text)).toBeUndefined();
  });
});
