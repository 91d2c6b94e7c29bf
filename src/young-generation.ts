/** How much memory V8 takes for young objects: docs/decisions/2026-11-27-young-generation.md. */
import { getHeapSpaceStatistics, setFlagsFromString } from "node:v8";

/** Bytes: two halves of 16 MiB, in which what is thrown away soon is, before it has to be copied. */
const enough = 2 * 16 * 1024 * 1024;

/** Items between two looks, each of which takes as long as reading a few dozen. */
const many = 1_000;

/**
 * Keeps V8's space for young objects as large as it is, once it is large enough. Whenever much of what is in it lives
 * on, V8 doubles it, up to 128 MiB; what is read of a large build lives on, and is no reason to.
 * @param items how many were read by now, of which each has some hundred bytes
 */
export function holdYoungGeneration(items: number): void {
  if (items % many !== 0) return;
  const young = getHeapSpaceStatistics().find((space) => space.space_name === "new_space");
  if (young !== undefined && young.space_size >= enough) setFlagsFromString("--semi-space-growth-factor=1");
}
