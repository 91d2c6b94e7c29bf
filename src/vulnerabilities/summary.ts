import type { ScanPredicate } from "./predicate.js";
import type { ScanReport } from "./types.js";

const order = ["critical", "high", "medium", "low", "negligible", "none", "unknown"];
const shown = 10;

/** A scan in a few lines for people: how many of which severity, and the gravest by name. */
export function summariseScan(report: ScanReport, predicate: ScanPredicate, name: string): string {
  const { open, answered } = predicate;
  const ranked = open.toSorted((one, other) => rank(one.severity) - rank(other.severity));
  const counts = [...new Set(ranked.map(({ severity }) => severity))]
    .map((severity) => `${ranked.filter((found) => found.severity === severity).length} ${severity}`)
    .join(", ");
  const { name: scanner, version } = report.scanner;
  return [
    `${name}: ${open.length === 0 ? "no vulnerability found" : `${open.length} vulnerabilities (${counts})`}, by ${scanner}${version === undefined ? "" : ` ${version}`}`,
    ...ranked.slice(0, shown).map((found) => `  ${line(found)}`),
    ...(ranked.length > shown ? [`  and ${ranked.length - shown} more`] : []),
    ...(answered.length === 0 ? [] : [`${answered.length} answered by VEX and left out of the result`]),
  ].join("\n");
}

function rank(severity: string): number {
  const at = order.indexOf(severity);
  return at === -1 ? order.length : at;
}

function line(found: ScanPredicate["open"][number]): string {
  const { id, severity, packageName, installedVersion, fixedVersion } = found;
  const fix = fixedVersion === undefined ? "" : `, fixed in ${fixedVersion}`;
  return `${severity} ${id} ${[packageName, installedVersion].filter(Boolean).join(" ")}${fix}`.trimEnd();
}
