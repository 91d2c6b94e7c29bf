/** What every attestation here holds: about 1 KB. */
export const predicateType = "https://example.com/bench/v1";

export function predicateOf(index: number): string {
  return JSON.stringify({ index, filler: "x".repeat(800) });
}
