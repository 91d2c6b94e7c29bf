import { createHash, generateKeyPairSync } from "node:crypto";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { fulcioHandler, initializeCA, initializeCTLog, initializeTSA, tsaHandler } from "@sigstore/mock";
import type { SigstoreServices } from "../../src/signing/services.js";
import { entryId, logDouble } from "./log-double.js";

/** A whole Sigstore instance on loopback: certificate authority, logs of both versions, timestamp authority. */
export type SigstoreDouble = {
  readonly url: string;
  readonly services: SigstoreServices;
  /** The trusted root of the instance, JSON. */
  readonly trustedRoot: string;
  /** Every request that came in, as `POST /path`. */
  readonly requests: string[];
  /** Answers the next request to a path with this instead. */
  fail(path: string, status: number, body: string): void;
  stop(): Promise<void>;
};

type Answer = { status: number; body: string | Uint8Array; type: string };

function keyPair() {
  return generateKeyPairSync("ec", { namedCurve: "P-256" });
}

/**
 * A time that the doubles can state: their authorities come into being now, so a little later, and in whole
 * seconds, since \@sigstore/core reads no time with one or two digits of a fraction.
 */
export function servicesClock(): Date {
  return new Date((Math.ceil(Date.now() / 1000) + 60) * 1000);
}

/** @param clock the time that all services state; whole seconds */
export async function startSigstore(clock: Date): Promise<SigstoreDouble> {
  const ctLog = await initializeCTLog(keyPair(), clock);
  const ca = await initializeCA(keyPair(), ctLog, clock);
  const tsa = await initializeTSA(keyPair(), clock);
  const fulcio = fulcioHandler(ca);
  const timestamps = tsaHandler(tsa);
  const requests: string[] = [];
  const failures = new Map<string, Answer>();
  const server = createServer();
  const url = await listen(server);
  const log = logDouble(new URL(url).hostname, clock);

  async function answer(path: string, body: string, bearer: string | undefined): Promise<Answer> {
    const failure = failures.get(path);
    if (failure !== undefined) return failure;
    if (path === "/api/v1/log/entries")
      return json(log.answerV1(JSON.parse(body) as Record<string, unknown>));
    if (path === "/api/v2/log/entries")
      return json(log.answerV2(JSON.parse(body) as Record<string, unknown>));
    const handler = [fulcio, timestamps].find((each) => each.path === path);
    if (handler === undefined) return { status: 404, body: "no such service", type: "text/plain" };
    const known = handler === fulcio && bearer !== undefined ? withToken(body, bearer) : body;
    const { statusCode, response, contentType = "text/plain" } = await handler.fn(known);
    const bytes =
      typeof response === "string"
        ? response
        : new Uint8Array(response.buffer, response.byteOffset, response.byteLength);
    // Fulcio says 200, and cosign takes nothing else; the handler says 201.
    return { status: statusCode === 201 ? 200 : statusCode, body: bytes, type: contentType };
  }

  server.on("request", (request, response) => {
    const pieces: Buffer[] = [];
    request.on("data", (piece: Buffer) => pieces.push(piece));
    request.on("end", () => {
      requests.push(`${request.method} ${request.url}`);
      const bearer = /^Bearer (.+)$/.exec(request.headers.authorization ?? "")?.[1];
      answer(request.url ?? "", Buffer.concat(pieces).toString("utf8"), bearer)
        .catch((error: unknown): Answer => ({ status: 400, body: String(error), type: "text/plain" }))
        .then(({ status, body, type }) =>
          response.writeHead(status, { "content-type": type, etag: entryId }).end(body),
        )
        .catch(() => response.destroy());
    });
  });

  return {
    url,
    services: { fulcioUrl: url, rekor: { url, version: 1 }, timestampUrl: url },
    trustedRoot: JSON.stringify(trustedRoot({ url, ca, ctLog, tsa, log })),
    requests,
    fail: (path, status, body) => void failures.set(path, { status, body, type: "application/json" }),
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** Fulcio takes the token in the body (as @sigstore/sign sends it) or as a header (as cosign does). */
function withToken(body: string, oidcIdentityToken: string): string {
  return JSON.stringify({ ...(JSON.parse(body) as object), credentials: { oidcIdentityToken } });
}

function json(value: unknown): Answer {
  return { status: 201, body: JSON.stringify(value), type: "application/json" };
}

function listen(server: Server): Promise<string> {
  return new Promise((resolve) => {
    server.listen(0, "127.0.0.1", () =>
      resolve(`http://127.0.0.1:${(server.address() as AddressInfo).port}`),
    );
  });
}

type Parts = {
  url: string;
  ca: Awaited<ReturnType<typeof initializeCA>>;
  ctLog: Awaited<ReturnType<typeof initializeCTLog>>;
  tsa: Awaited<ReturnType<typeof initializeTSA>>;
  log: ReturnType<typeof logDouble>;
};

function trustedRoot({ url, ca, ctLog, tsa, log }: Parts): object {
  const validFor = { start: "2020-01-01T00:00:00Z" };
  const chain = (...certificates: ArrayBufferView[]) => ({
    certificates: certificates.map((der) => ({ rawBytes: base64(der) })),
  });
  const logKey = (spki: Uint8Array) => ({
    rawBytes: base64(spki),
    keyDetails: "PKIX_ECDSA_P256_SHA_256",
    validFor,
  });
  return {
    mediaType: "application/vnd.dev.sigstore.trustedroot+json;version=0.1",
    tlogs: [
      {
        baseUrl: url,
        hashAlgorithm: "SHA2_256",
        publicKey: logKey(log.spki),
        logId: { keyId: base64(log.logId) },
      },
    ],
    ctlogs: [
      {
        baseUrl: url,
        hashAlgorithm: "SHA2_256",
        publicKey: logKey(ctLog.publicKey),
        logId: { keyId: createHash("sha256").update(ctLog.publicKey).digest("base64") },
      },
    ],
    certificateAuthorities: [{ uri: url, certChain: chain(ca.rootCertificate), validFor }],
    timestampAuthorities: [{ uri: url, certChain: chain(tsa.intCertificate, tsa.rootCertificate), validFor }],
  };
}

function base64(view: ArrayBufferView): string {
  return Buffer.from(view.buffer, view.byteOffset, view.byteLength).toString("base64");
}

/** A token as an issuer makes it; the doubles do not check its signature. */
export function identityToken(claims: Readonly<Record<string, unknown>>): string {
  const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString("base64url");
  return `${part({ alg: "RS256", typ: "JWT" })}.${part(claims)}.${Buffer.from("canary-signature-of-the-token").toString("base64url")}`;
}
