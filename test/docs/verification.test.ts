/** docs/verification.md, policy.md and verification.schema.json against what the code does. */
import { readFile } from "node:fs/promises";
import { join } from "node:path";

import { Ajv } from "ajv";
import { describe, expect, test } from "vitest";

import { readCases } from "../../src/policy/cases.js";
import { readPolicy } from "../../src/policy/read.js";
import { verdictJson, verdictSchema } from "../../src/report/json.js";
import { verify } from "../../src/verification/verify.js";
import { badVerification, goodVerification } from "../report/support.js";
import { input, makeKey, request, signValue, statement } from "../verification/support.js";
import { root } from "./pages.js";

const read = (path: string): Promise<string> => readFile(join(root, path), "utf8");
type Schema = { $id: string; definitions: Record<"checkCode" | "failureCode", { enum: string[] }> };
const schema = JSON.parse(await read("docs/verification.schema.json")) as Schema;
const page = await read("docs/verification.md");
const types = await read("src/verification/types.ts");

/** The members of a union of texts in the source. */
function membersOf(name: string): string[] {
  const [, body = ""] = types.split(`export type ${name} =`);
  return [...(body.split("\n\n")[0] ?? "").matchAll(/"([A-Za-z_-]+)"/g)].map(([, member = ""]) => member);
}

describe("the documentation of verdicts", () => {
  test.each([
    ["CheckCode", "checkCode"],
    ["FailureCode", "failureCode"],
  ] as const)("lists every %s, in the schema too", (name, definition) => {
    const members = membersOf(name);
    expect(schema.definitions[definition].enum).toEqual(members);
    const rows = [...page.matchAll(/^\| `([A-Za-z_-]+)`/gm)].map(([, code]) => code);
    for (const member of members) expect(rows).toContain(member);
  });

  test("has a schema that verdicts of all kinds meet, and nothing else does", async () => {
    const validate = new Ajv({ allErrors: true }).compile(schema);
    const key = makeKey();
    const thresholds = { requirement: { kind: "threshold" as const, signers: 2 } };
    for (const verification of [
      await goodVerification(),
      await badVerification(),
      await verify([], request(key)),
      await verify([input(await signValue(statement(), key))], request(key, thresholds)),
    ]) {
      validate(JSON.parse(verdictJson(verification)));
      expect(validate.errors).toBeNull();
    }
    const good = JSON.parse(verdictJson(await goodVerification())) as object;
    expect(validate({ ...good, more: 1 })).toBe(false);
    expect(validate({ ...good, passed: "yes" })).toBe(false);
    expect(schema.$id).toBe(verdictSchema);
  });

  test("shows cases that can be read", async () => {
    const [, , text = ""] = (await read("docs/policy.md")).split("```yaml\n");
    const cases = await readCases(text.split("```")[0] ?? "");
    expect(cases.map(({ passes }) => passes)).toEqual([true, false]);
  });

  test("shows a policy that is one", async () => {
    const [, text = ""] = /```yaml\n([^]*?)```/.exec(await read("docs/policy.md")) ?? [];
    const { rules } = await readPolicy(text);
    expect(rules).toHaveLength(5);
  });
});
