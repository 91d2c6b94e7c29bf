import { generateKeyPairSync, type KeyObject } from "node:crypto";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";

import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { literal, startModule, type ModuleSession } from "../support/module.js";

const predicateType = "https://example.com/review/v1";

describe("a signed attestation", () => {
  let session: ModuleSession;
  let publicKey: string;
  let otherKey: string;
  let app: string;
  let other: string;
  let bundle: string;

  const file = (name: string, content: string): Promise<string> => session.file(name, content);
  const pem = (key: KeyObject): string =>
    key.export({ format: "pem", type: key.type === "private" ? "pkcs8" : "spki" }).toString();

  beforeAll(async () => {
    session = await startModule();
    const pair = generateKeyPairSync("ec", { namedCurve: "P-256" });
    await writeFile(join(session.workdir, "private.pem"), pem(pair.privateKey), { mode: 0o600 });
    const key = await session.id("secret", `file:${join(session.workdir, "private.pem")}`);
    publicKey = await file("public.pem", pem(pair.publicKey));
    otherKey = await file("other.pem", pem(generateKeyPairSync("ed25519").publicKey));
    app = await file("app.bin", "the app");
    other = await file("other.bin", "another app");
    const predicate = await file("predicate.json", '{"ok":true}');
    const text = await session.value(
      `attest { statement(predicateType: ${literal(predicateType)}, predicate: ${literal(predicate)}) {
         withSubjectFile(file: ${literal(app)}) { sign(key: ${literal(key)}) { asFile { contents } } } } }`,
    );
    bundle = await file("app.sigstore.json", String(text));
  });
  afterAll(() => session.close());

  const verify = (given: { artifact: string; key: string }, rest: string): Promise<unknown> =>
    session.value(
      `attest { open(file: ${literal(bundle)}) {
         verify(file: ${literal(given.artifact)}, keys: [${literal(given.key)}]) ${rest} } }`,
    );

  it("verifies with its key, and says what was not checked", async () => {
    expect(await verify({ artifact: app, key: publicKey }, "{ passed }")).toBe(true);
    await verify({ artifact: app, key: publicKey }, "{ assert }");
    const notChecked = await verify({ artifact: app, key: publicKey }, "{ notChecked }");
    expect((notChecked as string[]).join("\n")).toMatch(/transparency-log/);
  });

  it.each([
    [
      "another key",
      () => ({ artifact: app, key: otherKey }),
      /VERIFICATION_FAILED[^]*KEY_UNTRUSTED|SIGNATURE_INVALID/,
    ],
    [
      "another artifact",
      () => ({ artifact: other, key: publicKey }),
      /VERIFICATION_FAILED[^]*SUBJECT_MISMATCH/,
    ],
  ])("does not verify with %s", async (_case, given, message) => {
    expect(await verify(given(), "{ passed }")).toBe(false);
    await expect(verify(given(), "{ assert }")).rejects.toThrow(message);
  });

  it("holds the statement, which opening does not believe", async () => {
    const summary = await session.value(
      `attest { open(file: ${literal(bundle)}) { attestation { summary } } }`,
    );
    expect(summary).toBe(`${predicateType} about 1 subject, not verified`);
  });

  it("wants a trusted signer to be named", async () => {
    const asked = session.value(
      `attest { verify(bundles: [${literal(bundle)}], file: ${literal(app)}) { passed } }`,
    );
    await expect(asked).rejects.toThrow(/ARGUMENT_INVALID[^]*a key, or an identity and its issuer/);
  });

  it("keeps the key out of errors", async () => {
    const secret = "-----BEGIN PRIVATE KEY-----\nY2FuYXJ5LWNhbmFyeQ==\n-----END PRIVATE KEY-----\n";
    await writeFile(join(session.workdir, "broken.pem"), secret, { mode: 0o600 });
    const key = await session.id("secret", `file:${join(session.workdir, "broken.pem")}`);
    const predicate = await file("again.json", "{}");
    const failure = await session
      .value(
        `attest { statement(predicateType: ${literal(predicateType)}, predicate: ${literal(predicate)}) {
           withSubjectFile(file: ${literal(app)}) { sign(key: ${literal(key)}) { asFile { contents } } } } }`,
      )
      .then(String, (error: unknown) => String(error));
    expect(failure).toMatch(/KEY_INVALID/);
    expect([failure, ...session.output].join("\n")).not.toMatch(/Y2FuYXJ5|canary/);
  });
});
