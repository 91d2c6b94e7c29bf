/**
 * Provenance held against the in-toto project's protobuf schema of SLSA Provenance v1, by its Go module: fields that
 * the schema lacks are refused there, extensions excepted.
 */
import { readFileSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { mergeEvidence } from "../../src/provenance/merge/merge.js";
import { collectDeclared } from "../../src/provenance/collect/declared.js";
import { collectTelemetry } from "../../src/provenance/telemetry/collect.js";
import { readEventStream } from "../../src/provenance/telemetry/event-stream.js";
import { provenancePredicate } from "../../src/provenance/slsa/predicate.js";
import type { Provenance, ProvenanceMode } from "../../src/provenance/slsa/types.js";
import { noRecordings, recording } from "../provenance/recordings.js";
import { findSlsaSchema, readBySchema } from "./slsa-schema.js";

const found = findSlsaSchema();
const reason = "missing" in found ? found.missing : "present";

const page = new URL("../../docs/build-types/dagger-pipeline-v1.example.json", import.meta.url);
const example = JSON.parse(readFileSync(page, "utf8")) as Provenance;

describe.skipIf("missing" in found)(`SLSA's schema (${reason})`, () => {
  const reader = "path" in found ? found.path : "";
  let place: string;
  beforeAll(async () => {
    place = await mkdtemp(join(tmpdir(), "attest-slsa-"));
  });
  afterAll(() => rm(place, { recursive: true }));

  const verdict = async (predicate: unknown): Promise<string> => {
    const path = join(place, "statement.json");
    const statement = {
      _type: "https://in-toto.io/Statement/v1",
      subject: [{ name: "app", digest: { sha256: "a".repeat(64) } }],
      predicateType: "https://slsa.dev/provenance/v1",
      predicate,
    };
    await writeFile(path, JSON.stringify(statement));
    return readBySchema(reader, path);
  };

  it("takes the example of the build type's page", async () => {
    expect(await verdict(example)).toBe("valid");
  });

  it.skipIf(noRecordings).each<ProvenanceMode>(["MIN", "MAX"])(
    "takes what a real run gave, in %s",
    async (mode) => {
      const stream = `${recording("dagger-v0.21.8/observed/traces.sse")}\n\n${recording("dagger-v0.21.8/observed/metrics.sse")}`;
      const collected = [
        await collectTelemetry(await readEventStream([stream])),
        collectDeclared({ name: "release", parameters: [{ name: "version", value: "1" }] }),
      ];
      const predicate = provenancePredicate(mergeEvidence(collected), { mode, valueType: "Container" });
      expect(await verdict(predicate)).toBe("valid");
    },
  );

  const { buildDefinition, runDetails } = example;
  it.each([
    [
      "a field that it lacks",
      { buildDefinition: { ...buildDefinition, steps: [] }, runDetails },
      /unknown field "steps"/,
    ],
    ["no builder", { buildDefinition, runDetails: { ...runDetails, builder: {} } }, /builder/],
    [
      "a time that is none",
      { buildDefinition, runDetails: { ...runDetails, metadata: { startedOn: "yesterday" } } },
      /invalid google.protobuf.Timestamp/,
    ],
    [
      "no build type",
      { buildDefinition: { ...buildDefinition, buildType: "" }, runDetails },
      /buildType|build/i,
    ],
  ])("refuses %s: it is no rubber stamp", async (_case, predicate, message) => {
    expect(await verdict(predicate)).toMatch(message);
  });
});
