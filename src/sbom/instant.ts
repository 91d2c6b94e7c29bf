import { AttestError } from "../error.js";

/** Beyond the year 9999 there are more digits. */
const instantPattern = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/;

/**
 * The instant that an SBOM says it was made, as SPDX 2.3 (section 6.9) and CycloneDX write it:
 * `YYYY-MM-DDThh:mm:ssZ`.
 *
 * @param created RFC 3339 in UTC with whole seconds, or seconds since 1970 (SOURCE_DATE_EPOCH)
 * @throws AttestError ARGUMENT_INVALID
 */
export function formatInstant(created: string | number): string {
  const text = String(created);
  const seconds = /^\d+$/.test(text);
  const instant = new Date(seconds ? Number(text) * 1000 : text);
  if (!Number.isNaN(instant.getTime())) {
    const written = instant.toISOString().replace(".000Z", "Z");
    if (seconds ? instantPattern.test(written) : written === text) return written;
  }
  throw new AttestError("ARGUMENT_INVALID", "the time of creation can't be used", {
    problems: [
      {
        path: "created",
        expected: "YYYY-MM-DDThh:mm:ssZ (UTC, whole seconds) or seconds since 1970",
        got: JSON.stringify(text),
      },
    ],
    next: "Give a time such as 2026-11-24T00:00:00Z, or leave it out for 1970-01-01T00:00:00Z.",
  });
}
