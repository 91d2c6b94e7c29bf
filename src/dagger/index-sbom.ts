/** The SBOM of an image's index, out of those of its platforms. */
import { writeFile } from "node:fs/promises";
import { join } from "node:path";

import { indexSbom, sbomIdentity } from "../sbom/image-index.js";
import { predicateTypeOf } from "../sbom/predicate-type.js";
import type { SbomFormat } from "../sbom/types.js";
import { subjectOf } from "../subjects/digests.js";
import { attestVersion } from "../version.js";
import { Attestation } from "./attestation.js";
import { localFile, returnedFile, scratchDirectory } from "./files.js";
import { exposeSubject } from "./subject.js";

export type SbomIndex = {
  /** Registry and repository. */
  readonly name: string;
  /** Digest of the index. */
  readonly digest: string;
  readonly platforms: readonly { readonly platform: string; readonly digest: string }[];
  readonly format: SbomFormat;
  readonly created: string;
};

/** Lists the platforms and refers to their SBOMs: it has no packages of its own, which would pass for those of all. */
export async function attestIndexSbom(
  index: SbomIndex,
  perPlatform: readonly Attestation[],
): Promise<Attestation> {
  const { name, digest, format } = index;
  const predicateType = predicateTypeOf(format);
  const indexed = index.platforms.map(async ({ platform, digest: manifest }) => {
    const sbom = perPlatform.find(
      (each) => each.predicateType === predicateType && each.subjects[0]?.digests.includes(manifest),
    );
    if (sbom === undefined) throw new Error(`${manifest} has no SBOM`);
    const document = await sbomIdentity(await localFile(sbom.predicate), format);
    return { platform, digest: manifest, document };
  });
  const document = indexSbom({ ...index, platforms: await Promise.all(indexed), version: attestVersion });
  const path = join(await scratchDirectory(), "sbom.json");
  await writeFile(path, JSON.stringify(document));
  const summary = `SBOM of the index of ${name}: ${index.platforms.length} platform(s), each with an SBOM of its own`;
  return new Attestation(
    predicateType,
    returnedFile(path),
    [exposeSubject(subjectOf(name, [digest]))],
    summary,
  );
}
