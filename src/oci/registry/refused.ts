/** What a registry means by a status that was not hoped for, and what it says about it. */
import { AttestError, type AttestErrorCode } from "../../error.js";
import { parseJson } from "../../json/parse.js";
import { isObject } from "../../statement/json-value.js";
import { errorBytes, isWebPage, readBody } from "./answer.js";
import { shownUrl, type Redactor } from "./secrets.js";
import type { HttpRequest, HttpResponse } from "./transport.js";

/** Bytes of a page that are searched for words. */
const pageBytes = 4 * 1024;
const shownCharacters = 500;

/** An error for an answer whose status was not hoped for, with what the registry says about it. */
export async function refusedAnswer(
  request: HttpRequest,
  response: HttpResponse,
  redactor: Redactor,
): Promise<AttestError> {
  const said = await errorText(response);
  const where = `${request.method} ${shownUrl(request.url)}`;
  const { code, next } = saidMeaning(said) ?? meaning(response.status, request);
  return new AttestError(code, `the registry refused ${where}`, {
    problems: [{ path: "status", expected: "success", got: redactor.redact(`${response.status}${said}`) }],
    next,
  });
}

/** What the words mean, where they are clearer than the status that comes with them. */
function saidMeaning(said: string): Meaning | undefined {
  // Registries that let no tag move say so with 400, 403, 409, 412 and in many words.
  if (/\bimmutable\b|ImageTagAlreadyExists/i.test(said)) return fixedTag;
  return /\bTOOMANYREQUESTS\b/.test(said) ? later : undefined;
}

type Meaning = { readonly code: AttestErrorCode; readonly next: string };

const fixedTag = {
  code: "REGISTRY_DENIED",
  next: "The registry lets no tag move. Take another tag; for tags of attachments (sha256-...), exempt them or use a registry with a referrers API.",
} as const;

const later = {
  code: "REGISTRY_FAILED",
  next: "Try again later; nothing that was stored is lost.",
} as const;

function meaning(status: number, { method, url: { pathname } }: HttpRequest): Meaning {
  if (status === 401 || status === 403) {
    return {
      code: "REGISTRY_DENIED",
      next: "Check the user name, the password or token, and that it may read (or write) this repository.",
    };
  }
  if (status === 405 || status === 409 || status === 412) {
    return {
      code: "REGISTRY_DENIED",
      next: "Check whether the repository is read-only, a mirror, or forbids to move a tag.",
    };
  }
  if (status === 404) {
    const isBlob = /\/blobs\/sha\d+:/.test(pathname);
    const next = isBlob
      ? "A manifest names it, and the registry does not hold it (any more): push the image again."
      : "Check the name of the repository, and that it exists: not every registry makes one at the first push.";
    return { code: "IMAGE_NOT_FOUND", next };
  }
  // Of what was sent; nothing that is asked for is too large for whoever has it.
  if (status === 413 && (method === "PUT" || method === "PATCH" || method === "POST"))
    return { code: "LIMIT_EXCEEDED", next: "Raise the registry's limit, or store less." };
  if (status === 429 || status >= 500) return later;
  return { code: "REGISTRY_RESPONSE_INVALID", next: "Look at what the registry says, above." };
}

/** What the body says: the messages of the specification's error list, or else its beginning. */
async function errorText(response: HttpResponse): Promise<string> {
  let bytes: Buffer;
  try {
    bytes = await readBody(response, errorBytes, "the error");
  } catch {
    response.discard();
    return "";
  }
  const text = errorMessages(bytes) ?? textOf(bytes);
  // Control characters could rewrite what a terminal shows.
  const shown = text
    .replaceAll(/[\p{Cc}\p{Cf}]+/gu, " ")
    .trim()
    .slice(0, shownCharacters);
  return shown === "" ? "" : `: ${shown}`;
}

/** A proxy's page says what it has to say between its tags. */
function textOf(bytes: Buffer): string {
  const text = bytes.toString("utf8", 0, pageBytes);
  return isWebPage(bytes) ? text.replaceAll(/<(style|script)\b[\s\S]*?<\/\1>|<[^>]*>/gi, " ") : text;
}

/** https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md#error-codes */
function errorMessages(bytes: Buffer): string | undefined {
  try {
    const document = parseJson(bytes, { what: "the error" });
    if (!isObject(document) || !Array.isArray(document["errors"])) return undefined;
    const errors: readonly unknown[] = document["errors"];
    return errors
      .filter(isObject)
      .map(({ code, message }) => [code, message].filter((part) => typeof part === "string").join(" "))
      .join("; ");
  } catch {
    return undefined;
  }
}
