/** Contender: JSON.parse and JSON.stringify, as most scripts do it. Arguments as in attest.ts. */
import { readFileSync, writeFileSync } from "node:fs";

import { predicateType, subjects } from "./subject.js";

type Statement = { readonly predicate: unknown };

const [predicatePath = "", outPath = "", extractedPath = ""] = process.argv.slice(2);
const predicate: unknown = JSON.parse(readFileSync(predicatePath, "utf8"));
const statement = { _type: "https://in-toto.io/Statement/v1", subject: subjects, predicateType, predicate };
writeFileSync(outPath, JSON.stringify(statement));
const read = JSON.parse(readFileSync(outPath, "utf8")) as Statement;
writeFileSync(extractedPath, JSON.stringify(read.predicate));
console.log(process.resourceUsage().maxRSS);
