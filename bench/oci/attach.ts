/**
 * Contender: this project, making, signing and attaching attestations in one process. Arguments: reference with
 * digest, number, private key (PEM), directory of predicates, scratch directory.
 */
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";

import { attachToImage } from "../../src/oci/attach/image.js";
import { mapParallel } from "../../src/parallel.js";
import { openRegistry } from "../../src/oci/registry/open.js";
import { systemTiming } from "../../src/oci/timing.js";
import { keySignerFromPem } from "../../src/signing/key-signer.js";
import { signStatement } from "../../src/signing/sign.js";
import { statementTypeV1 } from "../../src/statement/types.js";
import { parseImageReference } from "../../src/subjects/reference.js";
import { predicateType } from "./subject.js";

const [text = "", number = "", keyPath = "", predicates = "", scratch = ""] = process.argv.slice(2);
const reference = parseImageReference(text);
const digest = reference.digest ?? "";
const subjects = [{ name: reference.name, digest: { sha256: digest.slice("sha256:".length) } }];
const signer = await keySignerFromPem(await readFile(keyPath, "utf8"));
const timing = systemTiming();
const store = await openRegistry(reference, { timing });

const bundles = await mapParallel(
  Array.from({ length: Number(number) }, (_, index) => index),
  8,
  async (index) => {
    const predicate = await readFile(join(predicates, `predicate-${index % 100}.json`), "utf8");
    const head = JSON.stringify({ _type: statementTypeV1, subject: subjects, predicateType });
    const statement = Buffer.from(`${head.slice(0, -1)},"predicate":${predicate}}`);
    const bundle = join(scratch, `${index}.json`);
    await writeFile(bundle, await signStatement(statement, { signer }));
    return bundle;
  },
);
const { attached } = await attachToImage(store, digest, bundles, { created: "2026-11-26T00:00:00Z", timing });
if (attached.length !== Number(number)) throw new Error(`${attached.length} were attached`);
