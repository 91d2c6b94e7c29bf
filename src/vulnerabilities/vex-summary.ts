import type { VexDocument } from "../predicates/openvex.js";

const shown = 10;

/** A document in a few lines for people. */
export function summariseVex(document: VexDocument): string {
  const lines = document.statements.map(({ vulnerability, status, justification }) => {
    const name = typeof vulnerability === "string" ? vulnerability : vulnerability.name;
    return `  ${name}: ${status}${justification ? `, ${justification}` : ""}`;
  });
  const more = lines.length > shown ? [`  and ${lines.length - shown} more`] : [];
  return [
    `OpenVEX by ${document.author}, ${lines.length} ${lines.length === 1 ? "statement" : "statements"}`,
    ...lines.slice(0, shown),
    ...more,
  ].join("\n");
}
