/** A server of registry tokens on loopback: whoever knows the password gets a token for what he asks. */
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { randomUUID, sign, X509Certificate } from "node:crypto";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";

export type TokenServer = {
  /** What the registry has to be started with. */
  readonly token: { realm: string; service: string; issuer: string; rootcertbundle: string };
  /** Scopes that were asked for, in order. */
  readonly scopes: readonly string[];
  stop(): void;
};

/** @param directory where its key and certificate go */
export async function startTokenServer(
  directory: string,
  user: string,
  password: string,
): Promise<TokenServer> {
  const names = ["-keyout", "token.key", "-out", "token.pem", "-subj", "/CN=attest test tokens"];
  const curve = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "30"];
  execFileSync("openssl", ["req", "-x509", ...curve, ...names], { cwd: directory, stdio: "ignore" });
  const key = readFileSync(join(directory, "token.key"));
  const rootcertbundle = join(directory, "token.pem");
  const x5c = [new X509Certificate(readFileSync(rootcertbundle)).raw.toString("base64")];
  const scopes: string[] = [];
  const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString("base64url");
  const tokenFor = (asked: readonly string[]): string => {
    const now = Math.floor(Date.now() / 1000);
    const access = asked.map((scope) => {
      const [type = "", name = "", actions = ""] = scope.split(":");
      return { type, name, actions: actions.split(",") };
    });
    const claims = { iss: "tests", sub: user, aud: "registry", nbf: now - 60, iat: now, exp: now + 300, jti: randomUUID(), access }; // prettier-ignore
    const text = `${part({ alg: "ES256", typ: "JWT", x5c })}.${part(claims)}`;
    const signature = sign("sha256", Buffer.from(text), { key, dsaEncoding: "ieee-p1363" });
    return `${text}.${signature.toString("base64url")}`;
  };
  const expected = `Basic ${Buffer.from(`${user}:${password}`).toString("base64")}`;
  const server = createServer((request, response) => {
    const asked = new URL(request.url ?? "", "http://localhost").searchParams.getAll("scope");
    scopes.push(...asked);
    if (request.headers.authorization === expected)
      response.setHeader("content-type", "application/json").end(JSON.stringify({ token: tokenFor(asked) }));
    else response.writeHead(401).end();
  });
  await new Promise<void>((resolve) => void server.listen(0, "127.0.0.1", resolve));
  const realm = `http://127.0.0.1:${(server.address() as AddressInfo).port}/token`;
  return {
    token: { realm, service: "registry", issuer: "tests", rootcertbundle },
    scopes,
    stop: () => {
      server.close();
      server.closeAllConnections();
    },
  };
}
