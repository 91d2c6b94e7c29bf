/** Contender: this project. Arguments: predicate, statement to write, predicate to extract. */
import { extractPredicate, readStatement } from "../../src/statement/read.js";
import { writeStatement } from "../../src/statement/write.js";
import { predicateType, subjects } from "./subject.js";

const [predicatePath = "", outPath = "", extractedPath = ""] = process.argv.slice(2);
await writeStatement({ subjects, predicateType, predicatePath, outPath });
const { predicate } = await readStatement(outPath);
await extractPredicate(outPath, predicate, extractedPath);
console.log(process.resourceUsage().maxRSS);
