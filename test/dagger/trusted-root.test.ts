/** The trusted root at the module's edge: from a TUF repository to a verdict. */

import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { keylessSigning } from "../../src/signing/services.js";
import { signStatement } from "../../src/signing/sign.js";
import {
  identityToken,
  servicesClock,
  startSigstore,
  type SigstoreDouble,
} from "../signing/sigstore-double.js";
import { literal, startModule, type ModuleSession } from "../support/module.js";
import { artifactBytes, statement } from "../verification/support.js";
import { startTuf, type TufDouble } from "../verification/tuf-double.js";

const signingConfig = JSON.stringify({ mediaType: "application/vnd.dev.sigstore.signingconfig.v0.2+json" });

describe("a trusted root", () => {
  let session: ModuleSession;
  let sigstore: SigstoreDouble;
  let tuf: TufDouble;
  let repository: string;

  const file = async (name: string, content: string | Uint8Array): Promise<string> =>
    literal(await session.file(name, content));
  const ask = (rest: string, more = ""): Promise<unknown> =>
    session.value(`attest { trustedRoot(${repository}${more}) { ${rest} } }`);

  beforeAll(async () => {
    session = await startModule();
    sigstore = await startSigstore(servicesClock());
    tuf = await startTuf();
    repository = `tufUrl: ${literal(tuf.url)}, tufRoot: ${await file("root.json", tuf.root)}`;
    const targets = {
      "trusted_root.json": sigstore.trustedRoot,
      "signing_config.v0.2.json": signingConfig,
    };
    tuf.publish({ version: 3, targets });
  });
  afterAll(async () => {
    await session.close();
    await sigstore.stop();
    await tuf.stop();
  });

  it("is a file, its signing config too, and says how old it is", async () => {
    expect(await ask("asFile { contents }")).toBe(sigstore.trustedRoot);
    expect(await ask("signingConfig { contents }")).toBe(signingConfig);
    expect(await ask("version")).toBe(3);
    expect(await ask("summary")).toContain(`The trusted root of ${tuf.url}, version 3 of its targets`);
  });

  it("is what certificates are held against, and the verdict says so", async () => {
    const root = literal(await ask("asFile { id }"));
    const token = identityToken({ iss: "https://issuer.example", sub: "somebody@acme.example" });
    const signed = await signStatement(
      Buffer.from(JSON.stringify(statement())),
      keylessSigning(sigstore.services, token),
    );
    const common = `bundles: [${await file("keyless.json", signed)}], file: ${await file("hello.txt", artifactBytes)},
      identity: "somebody@acme.example", trustedRoot: ${root}`;
    const verify = (issuer: string, rest: string): Promise<unknown> =>
      session.value(`attest { verify(${common}, ${issuer}) { ${rest} } }`);
    expect(await verify(`issuer: "https://issuer.example"`, "failures")).toEqual([]);
    expect(await verify(`issuerPattern: "https://issuer[.]example"`, "failures")).toEqual([]);
    expect(await verify(`issuerPattern: "https://issuer"`, "failures")).toEqual([
      expect.stringContaining("ISSUER_MISMATCH") as string,
      expect.stringContaining("THRESHOLD") as string,
    ]);
    expect(await verify(`issuerPattern: "https://issuer[.]example"`, "summary")).toContain(
      "Trusted root: trusted&#95;root.json; its newest key is from 2020-01-01",
    );
    await expect(verify(`issuer: "a", issuerPattern: "b"`, "passed")).rejects.toThrow(/ARGUMENT_INVALID/);
    await expect(verify(`issuerPattern: ".*"`, "passed")).rejects.toThrow(/matches anything/);
  });

  it("survives a repository that is down with what was fetched before, and without fails", async () => {
    const cache = literal(await ask("cache { id }"));
    tuf.fail(503);
    expect(await ask("summary", `, cache: ${cache}`)).toMatch(
      /not updated \S+: the repository did not answer/,
    );
    const down = await startTuf();
    down.fail(503);
    const other = `tufUrl: ${literal(down.url)}, tufRoot: ${await file("down.json", down.root)}`;
    await expect(session.value(`attest { trustedRoot(${other}) { summary } }`)).rejects.toThrow(
      /TUF_UNAVAILABLE[^]*--trusted-root=FILE/,
    );
    await down.stop();
  });

  it("of an unknown repository needs its first root", async () => {
    const chain = `attest { trustedRoot(tufUrl: ${literal(tuf.url)}) { summary } }`;
    await expect(session.value(chain)).rejects.toThrow(/ARGUMENT_INVALID[^]*first root.json expected/);
  });
});
