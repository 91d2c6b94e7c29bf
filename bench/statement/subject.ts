/** The header that every contender writes. */
export const subjects = [{ name: "bench", digest: { sha256: "a".repeat(64) } }];
export const predicateType = "https://spdx.dev/Document";
