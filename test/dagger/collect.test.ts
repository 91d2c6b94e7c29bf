/** Attestations of several objects and files, collected by what they have in common: `asFile`. */
import { writeFile } from "node:fs/promises";
import { join } from "node:path";

import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { literal, startModule, type ModuleSession } from "../support/module.js";
import { makeKey, signValue, statement } from "../verification/support.js";

describe("a collection", () => {
  const key = makeKey();
  let session: ModuleSession;
  let statementFile: string;
  let bundleFile: string;
  const file = async (name: string, content: string | Uint8Array): Promise<string> =>
    literal(await session.file(name, content));

  beforeAll(async () => {
    session = await startModule();
    statementFile = await file("review.intoto.json", JSON.stringify(statement()));
    bundleFile = await file("review.sigstore.json", await signValue(statement(), key));
  });
  afterAll(() => session.close());

  it("says what each file is, and keeps the order", async () => {
    const collected = `attest { collect(files: [${statementFile}, ${bundleFile}])`;
    expect(await session.value(`${collected} { summary } }`)).toBe(
      "1.intoto.json: https://example.com/review/v1, not signed\n2.sigstore.json: a bundle",
    );
    expect(await session.value(`${collected} { directory { entries } } }`)).toEqual([
      "1.intoto.json",
      "2.sigstore.json",
    ]);
  });

  it("signs what is not signed yet", async () => {
    const path = join(session.workdir, "key.pem");
    await writeFile(path, key.privateKey.export({ type: "pkcs8", format: "pem" }), { mode: 0o600 });
    const secret = literal(await session.id("secret", `file:${path}`));
    const signed = `attest { collect(files: [${statementFile}, ${bundleFile}]) { sign(key: ${secret})`;
    expect(await session.value(`${signed} { summary } } }`)).toBe(
      "1.sigstore.json: https://example.com/review/v1, signed\n2.sigstore.json: a bundle",
    );
  });

  // The local engine has no ids for objects of modules, which arguments of an interface need; test/module
  // has the same check for a real engine.
  it.skipIf(process.env["DAGGER_SESSION_PORT"] === undefined)("takes objects that have asFile", async () => {
    const made = await session.value(`attest { load(file: ${statementFile}) { id } }`);
    const opened = await session.value(`attest { open(file: ${bundleFile}) { id } }`);
    const objects = `[${literal(made)}, ${literal(opened)}]`;
    expect(await session.value(`attest { collect(attestations: ${objects}) { summary } }`)).toBe(
      "1.intoto.json: https://example.com/review/v1, not signed\n2.sigstore.json: a bundle",
    );
  });

  it("is refused when it is empty, or one of its files is neither statement nor bundle", async () => {
    await expect(session.value("attest { collect { summary } }")).rejects.toThrow(/ARGUMENT_INVALID/);
    const other = await file("other.json", '{"spdxVersion":"SPDX-2.3"}');
    await expect(session.value(`attest { collect(files: [${other}]) { summary } }`)).rejects.toThrow(
      /STATEMENT_INVALID/,
    );
  });
});
