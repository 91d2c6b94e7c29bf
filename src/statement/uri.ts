/**
 * TypeURI and ResourceURI of in-toto: an absolute URI (RFC 3986) whose scheme and authority are in
 * lower case.
 * https://github.com/in-toto/attestation/blob/main/spec/v1/field_types.md
 */
import type { Problem } from "../error.js";
import { describeValue } from "./json-value.js";

/** Scheme and what follows it; only the characters that RFC 3986 allows, percent-encoding complete. */
const uriPattern =
  /^(?<scheme>[A-Za-z][A-Za-z0-9+.-]*):(?:\/\/(?<authority>(?:[^/?#%]|%[0-9A-Fa-f]{2})*))?(?:[A-Za-z0-9\-._~:/?#[\]@!$&'()*+,;=]|%[0-9A-Fa-f]{2})*$/;
const uriCharacters = /^[A-Za-z0-9\-._~:/?#[\]@!$&'()*+,;=%]*$/;

/** What is wrong with a URI found at `path`; empty when nothing is. */
export function checkUri(value: unknown, path: string): Problem[] {
  const expected = "a URI with scheme";
  if (typeof value !== "string") return [{ path, expected, got: describeValue(value) }];
  const groups = uriCharacters.test(value) ? uriPattern.exec(value)?.groups : undefined;
  const scheme = groups?.["scheme"];
  if (scheme === undefined || value.length === scheme.length + 1) {
    return [{ path, expected, got: describeValue(value) }];
  }
  return [
    ...checkLowerCase(scheme, "scheme", path),
    ...checkLowerCase(groups?.["authority"] ?? "", "authority", path),
  ];
}

/** Percent-encoded triplets are upper-case by the same section of RFC 3986, so they don't count. */
function checkLowerCase(part: string, name: string, path: string): Problem[] {
  const letters = part.replaceAll(/%[0-9A-Fa-f]{2}/g, "");
  if (letters === letters.toLowerCase()) return [];
  return [{ path, expected: `a URI with a lower-case ${name}`, got: describeValue(part) }];
}
