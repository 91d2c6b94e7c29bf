/** Contender: this project, verifying one large bundle. Arguments: bundle, public key (PEM). */
import { readFile } from "node:fs/promises";

import { fileSource } from "../../src/signing/source.js";
import { loadPublicKey } from "../../src/verification/public-key.js";
import { verify } from "../../src/verification/verify.js";
import { artifact, predicateType } from "./subject.js";

const [bundlePath = "", keyPath = ""] = process.argv.slice(2);
const keys = [loadPublicKey(await readFile(keyPath, "utf8"))];
const { passed } = await verify([{ name: "bundle", source: await fileSource(bundlePath) }], {
  artifact,
  signers: { keys },
  predicateType,
  now: new Date(),
});
if (!passed) throw new Error("the bundle does not verify");
console.log(process.resourceUsage().maxRSS);
