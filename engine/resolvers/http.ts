/** Downloads. A file is fetched when it is selected, so that its recipe names what came. */
import { posix } from "node:path";
import { Readable } from "node:stream";

import { redactUrl } from "../../src/provenance/redact.js";
import { EngineError } from "../graph/error.js";
import { fieldsOf, isQuery } from "../graph/fields.js";
import type { Resolvers } from "../graph/types.js";
import { addStream } from "../store/objects.js";
import type { FileEntry, FileValue } from "../tree/types.js";
import type { Args } from "../graph/args.js";
import type { EngineServices } from "../services.js";
import { withContentDigest } from "./host.js";
import { secretOf } from "./values.js";

async function download({ store }: EngineServices, url: URL, args: Args): Promise<FileEntry> {
  const secret = args.optionalRef("authHeader");
  const headers: Record<string, string> =
    secret === undefined ? {} : { authorization: await (await secretOf(secret)).plaintext() };
  let response: Response;
  try {
    response = await fetch(url, { headers });
  } catch (error) {
    const cause =
      error instanceof Error && error.cause instanceof Error ? error.cause.message : String(error);
    throw new EngineError(`${redactUrl(url.href)}: ${cause}`, {}, error);
  }
  if (!response.ok || response.body === null) {
    await response.body?.cancel();
    throw new EngineError(
      `${redactUrl(url.href)}: the server answered ${response.status} ${response.statusText}`.trim(),
    );
  }
  const body = Readable.fromWeb(response.body);
  return addStream(store, body, { mode: args.optionalInt("permissions") ?? 0o600 });
}

function checkSum(url: URL, entry: FileEntry, expected: string | undefined): void {
  const got = `sha256:${entry.sha256}`;
  if (expected === undefined || expected === got) return;
  throw new EngineError(`${redactUrl(url.href)}: checksum ${expected} expected, got ${got}`);
}

function urlOf(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url?.protocol !== "http:" && url?.protocol !== "https:")
    throw new EngineError(`http ${text}: an http or https URL expected`);
  return url;
}

export const httpResolvers: Resolvers = fieldsOf("Query", isQuery, {
  http: {
    eager: true,
    once: true,
    resolve: async (_, args, { services }) => {
      const url = urlOf(args.text("url"));
      const entry = await services.report.during(`download ${redactUrl(url.href)}`, () =>
        download(services, url, args),
      );
      checkSum(url, entry, args.optionalText("checksum"));
      const name = args.optionalText("name") ?? (posix.basename(decodeURIComponent(url.pathname)) || "index");
      const value: FileValue = { kind: "file", entry, name };
      return withContentDigest({ value, digest: `sha256:${entry.sha256}` });
    },
  },
});
