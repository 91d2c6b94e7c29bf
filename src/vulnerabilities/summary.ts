import type { ScanPredicate } from "./predicate.js";
import type { ScanReport } from "./types.js";

const order = ["critical", "high", "medium", "low", "negligible", "none", "unknown"];
const shown = 10;

/** A scan in a few lines for people: how many of which severity, and the gravest by name. */
export function summariseScan(report: ScanReport, predicate: ScanPredicate, name: string): string {
  const { open, answered } = predicate;
  const ranked = open.toSorted((one, other) => rank(one.severity) - rank(other.severity));
  const counts = [...new Set(ranked.map(({ severity }) => severity))]
    .map((severity) => `${ranked.filter((one) => one.severity === severity).length} ${severity}`)
    .join(", ");
  const { name: scanner, version } = report.scanner;
  return [
    `${name}: ${found(open.length, counts)}, by ${scanner}${version === undefined ? "" : ` ${version}`}`,
    ...ranked.slice(0, shown).map((one) => `  ${line(one)}`),
    ...(ranked.length > shown ? [`  and ${ranked.length - shown} more`] : []),
    ...(answered.length === 0 ? [] : [`${answered.length} answered by VEX and left out of the result`]),
  ].join("\n");
}

function found(count: number, severities: string): string {
  if (count === 0) return "no vulnerability found";
  return `${count} ${count === 1 ? "vulnerability" : "vulnerabilities"} (${severities})`;
}

function rank(severity: string): number {
  const at = order.indexOf(severity);
  return at === -1 ? order.length : at;
}

function line(one: ScanPredicate["open"][number]): string {
  const { id, severity, packageName, installedVersion, fixedVersion } = one;
  const fix = fixedVersion === undefined ? "" : `, fixed in ${fixedVersion}`;
  return `${severity} ${id} ${[packageName, installedVersion].filter(Boolean).join(" ")}${fix}`.trimEnd();
}
