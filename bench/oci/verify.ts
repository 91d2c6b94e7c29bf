/**
 * Contender: this project, listing what is attached and verifying all of it. Arguments: reference with digest, number
 * that has to be there, public key (PEM), scratch directory.
 */
import { readFile } from "node:fs/promises";

import { listAttachments } from "../../src/oci/read/list.js";
import { openRegistry } from "../../src/oci/registry/open.js";
import { systemTiming } from "../../src/oci/timing.js";
import { imageEvidence } from "../../src/oci/verify.js";
import { parseImageReference } from "../../src/subjects/reference.js";
import { loadPublicKey } from "../../src/verification/public-key.js";
import { verify } from "../../src/verification/verify.js";
import { predicateType } from "./subject.js";

const [text = "", number = "", keyPath = "", directory = ""] = process.argv.slice(2);
const reference = parseImageReference(text);
const store = await openRegistry(reference, { timing: systemTiming() });
const listing = await listAttachments(store, reference.digest ?? "", directory);
const { artifact, bundles } = imageEvidence(listing, reference.name, undefined);
const keys = [loadPublicKey(await readFile(keyPath, "utf8"))];
const verdict = await verify(bundles, { artifact, signers: { keys }, predicateType, now: new Date() });
const good = verdict.bundles.filter(({ passed }) => passed).length;
if (good !== Number(number)) throw new Error(`${good} of ${number} verify`);
