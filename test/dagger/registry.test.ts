/**
 * Repositories as arguments name them. The local engine has no services, so that these, and what counts how often a secret
 * is read, are doubles; the registry is a real one.
 */
import type { Secret, Service } from "@dagger.io/dagger";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { openRepositories, type RegistryArguments } from "../../src/dagger/registry.js";
import { pushImage } from "../support/registry-images.js";
import { installedTools, startDistribution, type RunningRegistry } from "../support/registry.js";

const program = installedTools().get("docker-registry");
const user = "reader";
const password = "s3cret-pa55";
// Of the password above, by bcrypt.
const htpasswd = `${user}:$2b$04$LNg6CfCu6UjM.Uq/erVhYe5ywuO.WHgG4Mm.aaSh9RfqHlakWRZRC\n`;
const registry = "registry.invalid:5000";
const reference = { registry, repository: "app" };

describe.skipIf(program === undefined)("a registry that is a service (docker-registry)", () => {
  let running: RunningRegistry;
  beforeAll(async () => {
    running = await startDistribution(program ?? "", { htpasswd });
  });
  afterAll(() => running.stop());

  /** Arguments, and what was asked of them. */
  function given(secret: "password" | "dockerConfig") {
    const asked: string[] = [];
    const note = (what: string, value: string) => () => {
      asked.push(what);
      return Promise.resolve(value);
    };
    const auth = Buffer.from(`${user}:${password}`).toString("base64");
    const text =
      secret === "password" ? `${password}\n` : JSON.stringify({ auths: { [registry]: { auth } } });
    const double = { plaintext: note(secret, text) } as unknown as Secret;
    const registryService = {
      start: note("start", ""),
      endpoint: note("endpoint", running.address),
    } as unknown as Service;
    const credentials =
      secret === "password" ? { username: user, password: double } : { dockerConfig: double };
    const args: RegistryArguments = {
      ...credentials,
      plainHttp: false,
      registryService,
      attestationRepository: `${registry}/attestations`,
    };
    return { args, asked };
  }

  it.each(["password", "dockerConfig"] as const)(
    "is started once, and the %s read once, for two repositories",
    async (secret) => {
      const { args, asked } = given(secret);
      const { store, apart } = await openRepositories(reference, args);
      for (const one of [store, apart]) {
        if (one === undefined) throw new Error("no repository apart");
        await pushImage(one, "1.0");
      }
      expect([store.name, apart?.name]).toEqual([`${registry}/app`, `${registry}/attestations`]);
      expect(asked.sort()).toEqual(["endpoint", secret, "start"].sort());
    },
  );

  it("gives nothing of it to another registry", async () => {
    const { args } = given("password");
    const other = { ...args, attestationRepository: "other.invalid/attestations" };
    const { apart } = await openRepositories(reference, other);
    await expect(apart?.resolve("1.0")).rejects.toThrow(/ENOTFOUND|EAI_AGAIN/);
  });

  it("refuses a tag for what is kept apart before anything is asked", async () => {
    const { args, asked } = given("password");
    const tagged = { ...args, attestationRepository: `${registry}/attestations:1.0` };
    await expect(openRepositories(reference, tagged)).rejects.toThrow(/ARGUMENT_INVALID/);
    expect(asked).toEqual([]);
  });
});
