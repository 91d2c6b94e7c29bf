import { AttestError } from "../../error.js";
import { parseJson } from "../../json/parse.js";
import { isObject } from "../../statement/json-value.js";
import type { HttpResponse } from "./transport.js";

/** Reads a body of at most `limit` bytes. @throws AttestError LIMIT_EXCEEDED */
export async function readBody(response: HttpResponse, limit: number, what: string): Promise<Buffer> {
  const parts: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of response.body) {
    size += chunk.length;
    if (size > limit) {
      throw new AttestError("LIMIT_EXCEEDED", `${what} is larger than what is read`, {
        problems: [{ path: "", expected: `at most ${limit} bytes`, got: "more" }],
      });
    }
    parts.push(chunk);
  }
  return Buffer.concat(parts);
}

/** Bytes of an error's text that are read. */
export const errorBytes = 64 * 1024;

/** A refusal with its text at hand, so that its connection is free again; without it where that is too long or breaks off. */
export async function taken<T extends HttpResponse>(response: T): Promise<T> {
  const discard = () => undefined;
  try {
    return { ...response, body: [await readBody(response, errorBytes, "the error")], discard };
  } catch {
    response.discard();
    return { ...response, body: [], discard };
  }
}

/** Reads an answer that has to be a JSON object. @throws AttestError REGISTRY_RESPONSE_INVALID */
export function jsonAnswer(
  bytes: Buffer,
  response: HttpResponse,
  what: string,
): Readonly<Record<string, unknown>> {
  const document = parseAnswer(bytes, what, response.header("content-type"));
  if (isObject(document)) return document;
  throw invalidAnswer(what, "a JSON object", Array.isArray(document) ? "an array" : typeof document);
}

function parseAnswer(bytes: Buffer, what: string, type = "no content type"): unknown {
  try {
    return parseJson(bytes, { what });
  } catch (cause) {
    throw invalidAnswer(
      what,
      "JSON",
      isWebPage(bytes) ? `a web page (${type})` : `something else (${type})`,
      cause,
    );
  }
}

/** Where a login is asked for, or a proxy is in the way, pages for people come in the place of content. */
export function isWebPage(bytes: Buffer): boolean {
  return /^\s*<[!?a-z]/i.test(bytes.toString("latin1", 0, 256));
}

export function invalidAnswer(what: string, expected: string, got: string, cause?: unknown): AttestError {
  return new AttestError("REGISTRY_RESPONSE_INVALID", `${what} is not what a registry answers`, {
    problems: [{ path: "", expected, got }],
    next: "Check that the address is a registry's and that no proxy or login page answers in its place.",
    ...(cause === undefined ? {} : { cause }),
  });
}
