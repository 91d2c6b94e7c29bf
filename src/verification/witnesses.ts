import type { ReadBundle } from "./bundle/types.js";
import { failed, omitted, passed, type Findings } from "./findings.js";
import type { VerifiedTime } from "./types.js";

/** Says which witnesses were verified; to be called once they all were. */
export function reportWitnesses(
  bundle: ReadBundle,
  times: readonly VerifiedTime[],
  findings: Findings,
): void {
  if (times.length > 0)
    passed(
      findings,
      "timestamp",
      `Signed at ${times.map(({ time, source }) => `${time} (${source})`).join(", ")}.`,
    );
  else omitted(findings, "timestamp", "The bundle has none: nobody vouches for the time of signing.");
  const entries = bundle.tlogEntries.map(({ logIndex }) => logIndex);
  if (entries.length > 0)
    passed(findings, "transparency-log", `The log has the signature, at index ${entries.join(", ")}.`);
  else omitted(findings, "transparency-log", "The bundle has no log entry.");
}

/** Clocks differ a little. */
const toleratedSkew = 5 * 60 * 1000;

/** Refuses a time of signing that is still to come. */
export function checkFuture(times: readonly VerifiedTime[], now: Date, findings: Findings): void {
  const late = times.filter(({ time }) => Date.parse(time) > now.getTime() + toleratedSkew);
  for (const { time } of late)
    failed(
      findings,
      "timestamp",
      "TIMESTAMP_FUTURE",
      "The time of signing is still to come.",
      `before ${now.toISOString()}`,
      time,
    );
}
