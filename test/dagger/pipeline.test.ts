import { createHash } from "node:crypto";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";

import { afterAll, beforeAll, describe, expect, it } from "vitest";

import type { Provenance } from "../../src/provenance/slsa/types.js";
import { literal, type ModuleSession, startModule } from "../support/module.js";

describe("a declared pipeline", () => {
  let session: ModuleSession;
  let source: string;
  let notes: string;

  beforeAll(async () => {
    session = await startModule();
    const place = join(session.workdir, "source");
    await mkdir(place);
    await writeFile(join(place, "main.go"), "package main\n");
    await writeFile(join(session.workdir, "notes.txt"), "notes\n");
    source = literal(await session.value(`host { directory(path: ${literal(place)}) { id } }`));
    const file = join(session.workdir, "notes.txt");
    notes = literal(await session.value(`host { file(path: ${literal(file)}) { id } }`));
  });
  afterAll(() => session.close());

  const asked = (fields: readonly string[], end: string): string =>
    `attest { declare(name: "release") ${fields.map((field) => `{ ${field} `).join("")} { ${end} } ${"} ".repeat(fields.length + 1)}`;

  it("stands in the provenance as what the author says, beside what the engine tells", async () => {
    const fields = [
      `withSource(name: "source", directory: ${source}, url: "https://user:plainwordcanary@git.test/app")`,
      `withMaterial(name: "notes", file: ${notes})`,
      `withMaterial(name: "tool", uri: "https://files.test/tool", digests: ["sha256:${"a".repeat(64)}"])`,
      `withParameter(name: "version", value: "1.2.0")`,
      `withParameter(name: "api-token", value: "plainwordcanary")`,
      `withSecret(name: "deploy-key")`,
      `withStep(name: "pack", command: ["tar", "-czf", "app.tgz", "plainwordcanary"], inputs: ["source", "notes"])`,
      `provenance(file: ${notes}, subject: "app.tgz")`,
    ];
    const text = String(await session.value(asked(fields, "asFile { contents }")));
    expect(text).not.toContain("canary");
    const { predicate, subject } = JSON.parse(text) as { predicate: Provenance; subject: unknown };
    expect(subject).toMatchObject([{ name: "app.tgz" }]);
    expect(predicate.buildDefinition.externalParameters).toEqual({
      pipeline: "release",
      value: "File",
      arguments: { version: "1.2.0", "api-token": "***" },
    });
    const sha256 = createHash("sha256").update("notes\n").digest("hex");
    const declared = predicate.buildDefinition.resolvedDependencies.filter(
      ({ annotations }) => annotations?.["source"] === "declared",
    );
    expect(declared).toMatchObject([
      { name: "source", uri: "https://git.test/app", digest: { gitTree: expect.any(String) as string } },
      { name: "notes", uri: "local:notes", digest: { sha256 } },
      { name: "tool", uri: "https://files.test/tool" },
    ]);
    expect(predicate.runDetails.metadata.dagger_completeness.sources).toContain("declared");
    expect(JSON.stringify(predicate.runDetails.byproducts)).toContain('"deploy-key"');
  });

  it.each([
    ["no source", [`withSource(name: "x")`], /ARGUMENT_INVALID[^]*exactly one of ref, directory/],
    ["no place of a digest", [`withMaterial(name: "x", digests: ["sha256:${"a".repeat(64)}"])`], /a URI/],
    [
      "a malformed digest",
      [`withMaterial(name: "x", uri: "https://x.test", digests: ["sha256:x"])`],
      /REFERENCE/,
    ],
  ])("refuses %s", async (_case, fields, message) => {
    await expect(session.value(asked(fields, "name"))).rejects.toThrow(message);
  });

  it("refuses an image that is none, and an input that nothing has", async () => {
    const container = literal(
      await session.value(`container { withNewFile(path: "/x", contents: "x") { id } }`),
    );
    await expect(session.value(asked([`withImage(image: ${container})`], "name"))).rejects.toThrow(
      /as it was pulled/,
    );
    const steps = [`withStep(name: "pack", inputs: ["nothing"])`, `provenance(file: ${notes})`];
    await expect(session.value(asked(steps, "summary"))).rejects.toThrow(/EVIDENCE_INVALID[^]*"nothing"/);
  });
});
