/**
 * The rules of a ResourceDescriptor.
 * https://github.com/in-toto/attestation/blob/main/spec/v1/resource_descriptor.md
 */
import type { Problem } from "../error.js";
import { describeValue, isObject } from "./json-value.js";
import { checkDigestSet } from "./digest-set.js";
import { foldedAliases } from "./folding.js";
import type { StatementLimits } from "./limits.js";
import { checkUri } from "./uri.js";

const descriptorFields = [
  "name",
  "uri",
  "digest",
  "content",
  "downloadLocation",
  "mediaType",
  "annotations",
] as const;

/** What is wrong with a subject found at `path`: a descriptor whose `digest` is required. */
export function checkSubject(value: unknown, path: string, limits: StatementLimits): Problem[] {
  if (!isObject(value)) return [{ path, expected: "an object", got: describeValue(value) }];
  const missing =
    value["digest"] === undefined ? [{ path: `${path}.digest`, expected: "a digest", got: "nothing" }] : [];
  return [...missing, ...checkFields(value, path, limits)];
}

/** What is wrong with a descriptor found at `path`: one of `uri`, `digest` and `content` is required. */
export function checkDescriptor(value: unknown, path: string, limits: StatementLimits): Problem[] {
  if (!isObject(value)) return [{ path, expected: "an object", got: describeValue(value) }];
  const named = ["uri", "digest", "content"].some((field) => value[field] !== undefined);
  const missing = named ? [] : [{ path, expected: "one of uri, digest and content", got: "none of them" }];
  return [...missing, ...checkFields(value, path, limits)];
}

function checkFields(
  value: Readonly<Record<string, unknown>>,
  path: string,
  limits: StatementLimits,
): Problem[] {
  const { name, uri, digest, content, downloadLocation, mediaType, annotations } = value;
  return [
    ...foldedAliases(Object.keys(value), descriptorFields, path),
    ...checkOptional(name, (found) => checkString(found, `${path}.name`)),
    ...checkOptional(uri, (found) => checkUri(found, `${path}.uri`)),
    ...checkOptional(digest, (found) => checkDigestSet(found, `${path}.digest`, limits)),
    ...checkOptional(content, (found) => checkBase64(found, `${path}.content`)),
    ...checkOptional(downloadLocation, (found) => checkUri(found, `${path}.downloadLocation`)),
    ...checkOptional(mediaType, (found) => checkString(found, `${path}.mediaType`)),
    ...checkOptional(annotations, (found) => checkObject(found, `${path}.annotations`)),
  ];
}

function checkOptional(value: unknown, check: (value: unknown) => Problem[]): Problem[] {
  return value === undefined ? [] : check(value);
}

function checkString(value: unknown, path: string): Problem[] {
  return typeof value === "string" ? [] : [{ path, expected: "a string", got: describeValue(value) }];
}

function checkObject(value: unknown, path: string): Problem[] {
  return isObject(value) ? [] : [{ path, expected: "an object", got: describeValue(value) }];
}

/** Standard alphabet with padding, as protobuf's JSON mapping writes bytes. */
function checkBase64(value: unknown, path: string): Problem[] {
  if (typeof value === "string" && value.length % 4 === 0 && /^[A-Za-z0-9+/]*={0,2}$/.test(value)) return [];
  return [{ path, expected: "bytes in base64", got: describeValue(value) }];
}
