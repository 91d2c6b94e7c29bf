/**
 * Times as spans tell them: nanoseconds since 1970 UTC in decimal, as OTLP writes them in JSON. A build has tens of
 * thousands, of which each is compared once or twice and shown; big integers take ten times as long for that.
 */
export type Nanos = string;

/** Later than any clock says. */
const never: Nanos = "9000000000000000000";

/** Of a JSON value; "0" for what is no time. */
export function nanosOf(value: unknown): Nanos {
  const text = typeof value === "number" ? wholeNumber(value) : value;
  if (typeof text !== "string" || !/^\d{1,20}$/.test(text)) return "0";
  return text.startsWith("0") ? String(BigInt(text)) : text;
}

function wholeNumber(value: number): string {
  return Number.isFinite(value) ? String(BigInt(Math.trunc(value))) : "";
}

/** Negative where `a` is before `b`, 0 where they are the same. */
export function compareNanos(a: Nanos, b: Nanos): number {
  if (a.length !== b.length) return a.length - b.length;
  return a < b ? -1 : a > b ? 1 : 0;
}

/** An end that lies before the start, or beyond what a clock can say, means that there is none. */
export function endOf(start: Nanos, end: Nanos): Nanos | undefined {
  return compareNanos(end, start) < 0 || compareNanos(end, never) > 0 ? undefined : end;
}

/** As RFC 3339 in UTC, cut to milliseconds. */
export function timestampOf(nanos: Nanos): string {
  const digits = nanos.slice(0, -9);
  if (digits !== second.digits)
    second = { digits, text: new Date(Number(digits) * 1000).toISOString().slice(0, -"000Z".length) };
  return `${second.text}${nanos.slice(-9, -6).padStart(3, "0")}Z`;
}

/** The last second that was shown: times that follow each other mostly share theirs. */
let second = { digits: "0", text: "1970-01-01T00:00:00." };
