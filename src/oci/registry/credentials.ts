import { AttestError } from "../../error.js";
import { parseJson } from "../../json/parse.js";
import { isObject } from "../../statement/json-value.js";

/** How to prove who asks. All values are secrets. */
export type Credentials =
  | { readonly kind: "password"; readonly username: string; readonly password: string }
  /** A refresh token that a token server exchanges (`identitytoken` in Docker's file). */
  | { readonly kind: "identity-token"; readonly token: string }
  /** Sent to the registry as it is (`registrytoken` in Docker's file). */
  | { readonly kind: "bearer"; readonly token: string };

type Entry = Readonly<Record<string, unknown>>;

/**
 * Finds the credentials of a registry in Docker's configuration file (`~/.docker/config.json`); undefined
 * when it has none. Credential helpers are programs of another machine and can't be run. Podman and Kubernetes write keys
 * for a part of a registry too, as in `ghcr.io/team`: the one that says most about the repository counts.
 *
 * @param text the file's content
 * @param registry host and port, as in `ghcr.io` or `docker.io`
 * @param repository as in `team/app`
 * @throws AttestError ARGUMENT_INVALID when it is no such file, or names only a helper; never with its content
 */
export function dockerCredentials(
  text: string,
  registry: string,
  repository: string,
): Credentials | undefined {
  const config = readConfig(text);
  // Kubernetes' older secrets (`.dockercfg`) hold the registries alone.
  const auths = isObject(config["auths"]) ? config["auths"] : config["auths"] === undefined ? config : {};
  const [key] = Object.keys(auths)
    .filter((name) => hostOf(name) === hostOf(registry) && isWithin(repository, pathOf(name)))
    .sort((a, b) => pathOf(b).length - pathOf(a).length);
  const entry = key === undefined ? undefined : auths[key];
  const found = isObject(entry) ? credentialsIn(entry, registry) : undefined;
  if (found === undefined) refuseHelper(config, registry, key !== undefined);
  return found;
}

function readConfig(text: string): Entry {
  let config: unknown;
  try {
    config = parseJson(Buffer.from(text), { what: "the docker configuration" });
  } catch {
    // Without the cause: a parser's message may show a piece of the text, and that may be a password.
    throw malformed("JSON in UTF-8 without a byte order mark, each key once");
  }
  if (!isObject(config)) throw malformed("a JSON object");
  return config;
}

function credentialsIn(entry: Entry, registry: string): Credentials | undefined {
  const { identitytoken, registrytoken, username, password, auth } = entry;
  if (isText(registrytoken)) return { kind: "bearer", token: registrytoken };
  if (isText(identitytoken)) return { kind: "identity-token", token: identitytoken };
  if (isText(username) && isText(password)) return { kind: "password", username, password };
  if (!isText(auth)) return undefined;
  const decoded = Buffer.from(auth, "base64").toString();
  const colon = decoded.indexOf(":");
  if (colon < 1) throw malformed(`base64 of user:password in auths of ${registry}`);
  return {
    kind: "password",
    username: decoded.slice(0, colon),
    password: decoded.slice(colon + 1).replace(/\0+$/, ""),
  };
}

function isText(value: unknown): value is string {
  return typeof value === "string" && value !== "";
}

/** `https://index.docker.io/v1/` and `docker.io` are the same registry. */
function hostOf(name: string): string {
  const host = name
    .replace(/^https?:\/\//, "")
    .replace(/\/.*$/, "")
    .toLowerCase();
  return ["index.docker.io", "registry-1.docker.io"].includes(host) ? "docker.io" : host;
}

/** The part of the registry that a key is for; "" for all of it. Docker's own keys end in the version of its API. */
function pathOf(name: string): string {
  const path = name
    .replace(/^https?:\/\//, "")
    .replace(/^[^/]*\/?/, "")
    .replace(/\/+$/, "");
  return /^v[12]$/.test(path) ? "" : path;
}

function isWithin(repository: string, path: string): boolean {
  return path === "" || repository === path || repository.startsWith(`${path}/`);
}

function refuseHelper(config: Entry, registry: string, isListed: boolean): void {
  const helpers = isObject(config["credHelpers"]) ? Object.keys(config["credHelpers"]) : [];
  const hasHelper = helpers.some((name) => hostOf(name) === hostOf(registry));
  if (!hasHelper && !(isListed && isText(config["credsStore"]))) return;
  throw new AttestError(
    "ARGUMENT_INVALID",
    `the docker configuration keeps the credentials of ${registry} in a helper`,
    {
      next: "Hand in the user name and the password: a helper is a program that can't be run here.",
    },
  );
}

function malformed(expected: string): AttestError {
  return new AttestError("ARGUMENT_INVALID", "this is no docker configuration file", {
    problems: [{ path: "", expected, got: "something else" }],
    next: "Hand in the file config.json that `docker login` writes.",
  });
}
