import { AttestError } from "../error.js";

const pattern = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d+)?(Z|[+-]\d{2}:\d{2})$/;

/** A time with any offset in UTC, to the millisecond. */
export function inUtc(time: string, what: string): string {
  if (pattern.test(time) && !Number.isNaN(Date.parse(time))) return new Date(time).toISOString();
  throw new AttestError("ARGUMENT_INVALID", `it is unclear ${what}`, {
    problems: [
      { path: "", expected: "a time as in 2026-11-24T00:00:00Z (RFC 3339)", got: JSON.stringify(time) },
    ],
    next: "Write the time in full, with its offset.",
  });
}
