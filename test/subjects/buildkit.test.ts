import { createReadStream, existsSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

import { extract } from "tar-stream";
import { expect, test } from "vitest";

import { readStatement } from "../../src/statement/read.js";
import { imageSubjects } from "../../src/subjects/image.js";
import { scratch } from "../support/scratch.js";

const files = scratch();
const recordings = fileURLToPath(new URL("../../../shared/recordings/buildkit-v0.32.2", import.meta.url));
const image = "bf32730c3bb76a0ad679b6c66f46267072a9fad4ce0cbc703f60fc1854dc6835";

/** The statements among an archive's blobs. */
async function statementsIn(path: string): Promise<Buffer[]> {
  const archive = extract();
  createReadStream(path).pipe(archive);
  const found: Buffer[] = [];
  for await (const entry of archive) {
    const pieces: Buffer[] = [];
    for await (const piece of entry as AsyncIterable<Buffer>) pieces.push(piece);
    const content = Buffer.concat(pieces);
    if (content.toString("latin1", 0, 10) === '{"_type":"') found.push(content);
  }
  return found;
}

test.skipIf(!existsSync(recordings)).each([
  ["oci-artifact-provenance-max.tar", "https://slsa.dev/provenance/v1"],
  ["oci-artifact-provenance-min.tar", "https://slsa.dev/provenance/v1"],
  ["inline-old-provenance-max.tar", "https://slsa.dev/provenance/v1"],
  ["inline-old-provenance-v0.2.tar", "https://slsa.dev/provenance/v0.2"],
])(
  "BuildKit's %s: its statement names the platform that we find (skipped without ../shared/recordings)",
  async (name, predicateType) => {
    const path = join(recordings, name);
    const { subjects, platforms } = await imageSubjects(path, "app");
    expect(platforms).toEqual([{ platform: "linux/amd64", digest: `sha256:${image}` }]);
    expect(subjects).toHaveLength(2);
    const [statement, ...others] = await statementsIn(path);
    expect(others).toEqual([]);
    const { header } = await readStatement(await files.write(statement ?? ""));
    expect(header.predicateType).toBe(predicateType);
    expect(header.subjects.map(({ digest }) => digest)).toEqual([subjects[1]?.digest]);
  },
);
