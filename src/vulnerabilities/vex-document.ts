/** OpenVEX documents from a few words. */
import { createHash } from "node:crypto";

import { AttestError, type Problem } from "../error.js";
import {
  openVex,
  vexJustifications,
  vexStatuses,
  type VexDocument,
  type VexJustification,
  type VexStatus,
} from "../predicates/openvex.js";
import { writePredicate } from "../predicates/definition.js";
import { present } from "./fields.js";
import { inUtc } from "./time.js";

export { vexJustifications, vexStatuses, type VexJustification, type VexStatus };

export type VexWords = {
  /** Ids of the vulnerabilities, as in CVE-2021-44228: one statement each. */
  readonly vulnerabilities: readonly string[];
  readonly status: VexStatus;
  readonly justification?: VexJustification;
  /** Why the vulnerability can't do harm, in a sentence. */
  readonly impact?: string;
  /** What to do, in a sentence. */
  readonly action?: string;
  /** IRIs, best package URLs. Default: none, which means the subjects of the statement. */
  readonly products?: readonly string[];
  /** Who says so: a person, an organisation, a URI. */
  readonly author: string;
  /** RFC 3339. */
  readonly created: string;
};

const context = "https://openvex.dev/ns/v0.2.0";

/**
 * A document about the given vulnerabilities. Its `@id` is made of its content: the same words give the same
 * document.
 * @throws AttestError ARGUMENT_INVALID with everything that is missing or contradicts the status.
 */
export function vexDocument(words: VexWords): VexDocument {
  assertWords(words);
  const timestamp = inUtc(words.created, "when the document was made");
  const statements = words.vulnerabilities.map((name) => ({
    vulnerability: { name },
    ...(words.products?.length ? { products: words.products.map((product) => ({ "@id": product })) } : {}),
    status: words.status,
    ...present({
      justification: words.justification,
      impact_statement: words.impact,
      action_statement: words.action,
    }),
  }));
  const content = { author: words.author, timestamp, version: 1, statements };
  const digest = createHash("sha256").update(JSON.stringify(content)).digest("hex");
  return { "@context": context, "@id": `https://openvex.dev/docs/public/vex-${digest}`, ...content };
}

/** The document as bytes. */
export function writeVex(document: VexDocument): Uint8Array {
  return writePredicate(openVex, document);
}

function assertWords({ vulnerabilities, status, justification, impact, action, author }: VexWords): void {
  const explained = justification !== undefined || impact !== undefined;
  const problems: Problem[] = [
    ...(vulnerabilities.length === 0 || vulnerabilities.includes("")
      ? [{ path: "vulnerabilities", expected: "at least one id, as in CVE-2021-44228", got: "none" }]
      : []),
    ...(author === "" ? [{ path: "author", expected: "who says so", got: "nothing" }] : []),
    ...(status === "not_affected" && !explained
      ? [{ path: "", expected: "a justification or an impact, as not_affected needs it", got: "neither" }]
      : []),
    ...(status !== "not_affected" && justification !== undefined
      ? [{ path: "justification", expected: `none, as the status is ${status}`, got: justification }]
      : []),
    ...(status === "affected" && action === undefined
      ? [{ path: "action", expected: "what to do, as affected needs it", got: "nothing" }]
      : []),
  ];
  if (problems.length > 0)
    throw new AttestError("ARGUMENT_INVALID", "this is no whole VEX statement", {
      problems,
      next: "Say it in full; docs/predicates.md has an example for every status.",
    });
}
