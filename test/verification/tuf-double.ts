import { createHash, generateKeyPairSync, sign, type KeyObject } from "node:crypto";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

/** A TUF repository on loopback whose metadata is signed for real. */
export type TufDouble = {
  readonly url: string;
  /** The first root.json: whom a client starts by trusting. */
  readonly root: Buffer;
  /** Paths of every request, in their order. */
  readonly requests: string[];
  /** Puts metadata in place, as the next release of the repository. */
  publish(release: TufRelease): void;
  /** Answers every request with this status. */
  fail(status: number): void;
  stop(): Promise<void>;
};

export type TufRelease = {
  readonly version?: number;
  readonly targets: Readonly<Record<string, string>>;
  /** Role to its expiry; in a year unless given. */
  readonly expires?: Partial<Record<Role, string>>;
  /** Signed by a key that the root does not name. */
  readonly forged?: Role;
  /** What is served in the place of a target's content. */
  readonly served?: Readonly<Record<string, string>>;
};

type Role = "timestamp" | "snapshot" | "targets";
type Key = { readonly id: string; readonly privateKey: KeyObject; readonly described: object };

const specVersion = "1.0.31";
const inAYear = new Date(Date.now() + 365 * 24 * 60 * 60 * 1000).toISOString().replace(/\.\d+Z$/, "Z");

/** @param rootExpires the root's own expiry */
export async function startTuf(rootExpires = inAYear): Promise<TufDouble> {
  const files = new Map<string, Buffer>();
  const requests: string[] = [];
  const state = { status: 200 };
  const key = makeKey();
  const stranger = makeKey();
  const role = { keyids: [key.id], threshold: 1 };
  const roles = { root: role, timestamp: role, snapshot: role, targets: role };
  const root = signed(
    {
      ...common("root", 1, rootExpires),
      keys: { [key.id]: key.described },
      roles,
      consistent_snapshot: true,
    },
    key,
  );
  const server = createServer(({ url = "" }, response) => {
    requests.push(url);
    const body = files.get(url);
    if (state.status !== 200) response.writeHead(state.status).end();
    else if (body === undefined) response.writeHead(404).end();
    else response.writeHead(200).end(body);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));

  function publish({ version = 1, targets, expires = {}, forged, served = {} }: TufRelease): void {
    files.clear();
    const by = (name: Role): Key => (forged === name ? stranger : key);
    const at = (name: Role): string => expires[name] ?? inAYear;
    const listed = Object.entries(targets).map(([name, text]) => {
      const sha256 = createHash("sha256").update(text).digest("hex");
      files.set(`/targets/${sha256}.${name}`, Buffer.from(served[name] ?? text));
      return [name, { length: Buffer.byteLength(text), hashes: { sha256 } }] as const;
    });
    const meta = (name: string) => ({ meta: { [`${name}.json`]: { version } } });
    const add = (path: string, body: object, signer: Key): void => {
      files.set(path, signed(body, signer));
    };
    const listing = { ...common("targets", version, at("targets")), targets: Object.fromEntries(listed) };
    add(`/${version}.targets.json`, listing, by("targets"));
    const snapshot = { ...common("snapshot", version, at("snapshot")), ...meta("targets") };
    add(`/${version}.snapshot.json`, snapshot, by("snapshot"));
    const timestamp = { ...common("timestamp", version, at("timestamp")), ...meta("snapshot") };
    add("/timestamp.json", timestamp, by("timestamp"));
  }

  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    root,
    requests,
    publish,
    fail: (status) => void (state.status = status),
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function makeKey(): Key {
  const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const pem = publicKey.export({ format: "pem", type: "spki" }).toString();
  const described = { keytype: "ecdsa", scheme: "ecdsa-sha2-nistp256", keyval: { public: pem } };
  return { id: createHash("sha256").update(canonical(described)).digest("hex"), privateKey, described };
}

function common(type: string, version: number, expires: string): object {
  return { _type: type, spec_version: specVersion, version, expires };
}

function signed(body: object, { id, privateKey }: Key): Buffer {
  const sig = sign("sha256", Buffer.from(canonical(body)), privateKey).toString("hex");
  return Buffer.from(JSON.stringify({ signed: body, signatures: [{ keyid: id, sig }] }));
}

/** Canonical JSON as TUF signs it: sorted keys, no white space, nothing escaped but quotes and backslashes. */
function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(",")}]`;
  if (typeof value === "object" && value !== null)
    return `{${Object.entries(value)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, item]) => `${canonical(name)}:${canonical(item)}`)
      .join(",")}}`;
  if (typeof value === "string") return `"${value.replaceAll(/["\\]/g, "\\$&")}"`;
  return JSON.stringify(value);
}
