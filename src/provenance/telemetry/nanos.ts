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
  const second = nanos.slice(0, -9);
  if (second !== shown.second) {
    shown.second = second;
    shown.text.write(new Date(Number(second) * 1000).toISOString());
  }
  shown.text.write(nanos.slice(-9, -6).padStart(3, "0"), "1970-01-01T00:00:00.".length);
  return shown.text.toString("latin1");
}

/**
 * The time that was shown last: of times that follow each other most differ by milliseconds. In bytes, since a text that
 * is put together takes three times the memory, and a build has tens of thousands.
 */
const shown = { second: "", text: Buffer.from("1970-01-01T00:00:00.000Z") };
