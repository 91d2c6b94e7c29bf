/**
 * Real registries on loopback at free ports, for the tests. They keep what they store in memory or in a
 * directory of their own, and end with `stop`.
 */
import { execFileSync, spawn, type ChildProcess } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { Readable } from "node:stream";

export type RunningRegistry = {
  /** Host and port, as in `127.0.0.1:43210`. */
  readonly address: string;
  /** Requests that it answered so far, as its log tells; where it tells. */
  requests(): number;
  stop(): Promise<void>;
};

/** Where the programs are, by name; what can't be had on this machine is missing. */
export function installedTools(withReaders = false): ReadonlyMap<string, string> {
  const script = join(import.meta.dirname, "..", "..", "scripts", "registries.sh");
  const output = execFileSync("sh", [script, ...(withReaders ? ["--readers"] : [])], {
    encoding: "utf8",
    stdio: ["ignore", "pipe", "ignore"],
  });
  const lines = output.split("\n").filter((line) => line.includes(" "));
  return new Map(lines.map((line) => [line.slice(0, line.indexOf(" ")), line.slice(line.indexOf(" ") + 1)]));
}

export type DistributionOptions = {
  /** Lines of a htpasswd file (bcrypt). */
  readonly htpasswd?: string;
  readonly tls?: { readonly certificate: string; readonly key: string };
  /** Tokens of this server alone let somebody in: https://distribution.github.io/distribution/spec/auth/token/ */
  readonly token?: {
    readonly realm: string;
    readonly service: string;
    readonly issuer: string;
    readonly rootcertbundle: string;
  };
};

/** Debian's docker-registry: distribution 2.8, no referrers API. */
export async function startDistribution(
  program: string,
  options: DistributionOptions = {},
): Promise<RunningRegistry> {
  const directory = mkdtempSync(join(tmpdir(), "attest-registry-"));
  const passwords = join(directory, "htpasswd");
  if (options.htpasswd !== undefined) writeFileSync(passwords, options.htpasswd);
  const config = {
    version: "0.1",
    log: { level: "info", accesslog: { disabled: false } },
    storage: {
      filesystem: { rootdirectory: join(directory, "data") },
      maintenance: { uploadpurging: { enabled: false } },
    },
    http: {
      addr: "127.0.0.1:0",
      relativeurls: true,
      ...(options.tls === undefined ? {} : { tls: options.tls }),
    },
    ...(options.htpasswd === undefined ? {} : { auth: { htpasswd: { realm: "test", path: passwords } } }),
    ...(options.token === undefined ? {} : { auth: { token: options.token } }),
  };
  // YAML is a superset of JSON.
  const configPath = join(directory, "config.yml");
  writeFileSync(configPath, JSON.stringify(config));
  const child = spawn(program, ["serve", configPath], { stdio: ["ignore", "pipe", "pipe"], env: {} });
  const lines = watchLines([child.stdout, child.stderr]);
  const address = await lines.first(/listening on (127\.0\.0\.1:\d+)/);
  return {
    address,
    requests: () => lines.count(/"[A-Z]+ \/v2\//),
    stop: async () => {
      await stopProcess(child);
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

/** go-containerregistry's registry, with the referrers API or without. */
export async function startReferrersRegistry(program: string, referrers = true): Promise<RunningRegistry> {
  // It ends when its standard input does, also when this process is killed.
  const child = spawn(program, [`-referrers=${referrers}`], { stdio: ["pipe", "pipe", "pipe"] });
  const lines = watchLines([child.stdout, child.stderr]);
  const address = await lines.first(/^(127\.0\.0\.1:\d+)/);
  return {
    address,
    requests: () => lines.count(/^[A-Z]+ \/v2\//),
    stop: () => stopProcess(child),
  };
}

function watchLines(outputs: readonly Readable[]) {
  const seen: string[] = [];
  const waiting = new Set<() => void>();
  for (const output of outputs) {
    createInterface({ input: output }).on("line", (line) => {
      seen.push(line);
      for (const wake of waiting) wake();
    });
  }
  const first = (pattern: RegExp) =>
    new Promise<string>((resolve, reject) => {
      const look = () => {
        for (const line of seen) {
          const found = pattern.exec(line)?.[1];
          if (found === undefined) continue;
          waiting.delete(look);
          resolve(found);
          return;
        }
      };
      waiting.add(look);
      outputs[0]?.once("close", () => reject(new Error(`the registry ended:\n${seen.join("\n")}`)));
      look();
    });
  return { first, count: (pattern: RegExp) => seen.filter((line) => pattern.test(line)).length };
}

function stopProcess(child: ChildProcess): Promise<void> {
  return new Promise((resolve) => {
    if (child.exitCode !== null || child.signalCode !== null) resolve();
    child.once("exit", () => resolve());
    child.kill("SIGKILL");
  });
}

/** A certificate authority and a certificate of 127.0.0.1 and localhost that it signed, as files. */
export function makeCertificates(directory: string) {
  const run = (...args: string[]) => execFileSync("openssl", args, { cwd: directory, stdio: "ignore" });
  const common = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "30"];
  run("req", "-x509", ...common, "-keyout", "ca.key", "-out", "ca.pem", "-subj", "/CN=attest test CA");
  run("req", ...common.slice(0, 5), "-keyout", "server.key", "-out", "server.csr", "-subj", "/CN=localhost");
  writeFileSync(join(directory, "extensions"), "subjectAltName=IP:127.0.0.1,DNS:localhost\n");
  run("x509", "-req", "-in", "server.csr", "-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial", "-days", "30",
    "-extfile", "extensions", "-out", "server.pem"); // prettier-ignore
  const file = (name: string) => join(directory, name);
  return { ca: file("ca.pem"), certificate: file("server.pem"), key: file("server.key") };
}
