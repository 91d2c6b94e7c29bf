import { describe, expect, test } from "vitest";

import { rawMembers } from "../../src/json/raw.js";
import { withList, writtenEntries, writtenEntry } from "../../src/oci/list-text.js";
import { ociManifest } from "../../src/oci/media-types.js";
import fc from "../support/property.js";

/** JSON with spaces where it may have them, and keys that objects of JavaScript put in another order. */
const value = fc.letrec<{ any: string }>((tie) => ({
  any: fc.oneof(
    { maxDepth: 3 },
    fc.constantFrom("null", "1.0", "-0", "1e2", "12345678901234567890", '"\\u00e9"', '"]}"', "true"),
    fc.array(tie("any"), { maxLength: 3 }).map((items) => `[ ${items.join(" , ")} ]`),
    fc.array(fc.tuple(fc.nat(30), tie("any")), { maxLength: 3 }).map(object),
  ),
})).any;

function object(members: readonly (readonly [number, string])[]): string {
  const once = new Map(members.map(([name, text]) => [`${name}`, text]));
  return `{ ${[...once].map(([name, text]) => `"${name}" : ${text}`).join(", ")} }`;
}

const entry = fc.tuple(value, fc.nat(3)).map(([text, kind]) => {
  const digest = `sha256:${"0".repeat(63)}${kind}`;
  return kind === 0 ? text : `{"mediaType":"${ociManifest}","x":${text},"digest":"${digest}","size":${kind}}`;
});

describe("a list that is written again", () => {
  test("says what it said, with every entry and every other member as they stood there", () => {
    fc.assert(
      fc.property(
        fc.array(entry, { maxLength: 5 }),
        value,
        fc.constantFrom("compact" as const, "indented" as const),
        (entries, other, spelling) => {
          const text = ` { "1" : ${other} , "manifests" : [ ${entries.join(" ,\n")} ],"0":${other}}`;
          const bytes = Buffer.from(text);
          const written = writtenEntries(bytes, "manifests");
          expect(written.map((one) => one.text)).toEqual(entries);
          const again = withList(rawMembers(bytes), "manifests", written, {}, spelling);
          expect(JSON.parse(again.toString())).toEqual(JSON.parse(text));
          expect(rawMembers(again).map(({ name }) => name)).toEqual(["1", "manifests", "0"]);
          expect(rawMembers(again)[0]?.text).toBe(other);
          expect(
            withList(rawMembers(again), "manifests", writtenEntries(again, "manifests"), {}, spelling),
          ).toEqual(again);
        },
      ),
    );
  });

  test("takes members in the place of others, and new ones at the end", () => {
    const members = rawMembers(Buffer.from('{"b":1.0,"layers":[],"a":{ }}'));
    const own = writtenEntry({ mediaType: "x", digest: "y", size: 1 });
    const spelt = withList(members, "layers", [own], { a: [2], c: { d: 3 } }).toString();
    expect(spelt).toBe('{"b":1.0,"layers":[{"mediaType":"x","digest":"y","size":1}],"a":[2],"c":{"d":3}}');
  });
});
