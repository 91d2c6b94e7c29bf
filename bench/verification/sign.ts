/** Contender: this project, signing. Arguments: predicate, statement and bundle to write, private key (PEM). */
import { readFile } from "node:fs/promises";

import { keySignerFromPem } from "../../src/signing/key-signer.js";
import { signStatementFile } from "../../src/signing/sign.js";
import { writeStatement } from "../../src/statement/write.js";
import { predicateType, subjects } from "./subject.js";

const [predicatePath = "", outPath = "", bundlePath = "", keyPath = ""] = process.argv.slice(2);
const signer = await keySignerFromPem(await readFile(keyPath, "utf8"));
await writeStatement({ subjects, predicateType, predicatePath, outPath });
await signStatementFile(outPath, bundlePath, { signer });
console.log(process.resourceUsage().maxRSS);
