/** Names that can't be looked up: how often that is tried, and who is named. */
import { describe, expect, it } from "vitest";

import { AttestError } from "../../../src/error.js";
import { openRegistry } from "../../../src/oci/registry/open.js";
import type { HttpRequest, HttpResponse } from "../../../src/oci/registry/transport.js";
import { fakeTiming } from "../../support/fake-timing.js";

const registry = "registry.invalid";
const aside = "auth.invalid";

const answer = (status: number, headers: Readonly<Record<string, string>> = {}): HttpResponse => ({
  status,
  header: (name) => headers[name],
  body: [],
  discard: () => undefined,
});

const lookup = (code: string, host: string) =>
  Object.assign(new Error(`getaddrinfo ${code} ${host}`), { code });

/** What becomes of a question for a tag, and the hosts that were asked. */
async function ask(send: (request: HttpRequest) => HttpResponse) {
  const hosts: string[] = [];
  const timing = fakeTiming();
  const transport = async (request: HttpRequest) => {
    hosts.push(request.url.host);
    return Promise.resolve(request).then(send);
  };
  const store = await openRegistry({ registry, repository: "app" }, { timing, transport });
  const error: unknown = await store.fetchManifest("v1").catch((cause: unknown) => cause);
  if (!(error instanceof AttestError)) throw new Error("an error expected");
  return { error, hosts, slept: timing.slept };
}

/** Answers for the registry; every other host breaks. */
const only = (mine: HttpResponse, error: (host: string) => Error) => (request: HttpRequest) => {
  if (request.url.host === registry) return mine;
  throw error(request.url.host);
};

describe("a name that can't be looked up", () => {
  it("is asked for once where there is none", async () => {
    const { error, hosts } = await ask(() => {
      throw lookup("ENOTFOUND", registry);
    });
    expect(error).toMatchObject({ code: "REGISTRY_FAILED" });
    expect(error.next).toMatch(/^Check the registry's address/);
    expect(hosts).toEqual([registry]);
  });

  it("is asked for three times where the resolver can't tell", async () => {
    const { error, hosts, slept } = await ask(() => {
      throw lookup("EAI_AGAIN", registry);
    });
    expect(error.problems[0]?.got).toBe(`getaddrinfo EAI_AGAIN ${registry} (3 attempt(s))`);
    expect(hosts).toHaveLength(3);
    expect(slept).toHaveLength(2);
  });

  it("is waited for no further once it is found", async () => {
    let failures = 2;
    const { error, hosts } = await ask(() => {
      if (failures-- > 0) throw lookup("EAI_AGAIN", registry);
      return answer(403);
    });
    expect(error.code).toBe("REGISTRY_DENIED");
    expect(hosts).toHaveLength(3);
  });

  const asksForToken = answer(401, { "www-authenticate": `Bearer realm="https://${aside}/token"` });
  const sendsOn = answer(307, { location: `https://${aside}/manifest` });

  it.each([
    ["of the token server", asksForToken, `the token server ${aside}`],
    ["that the registry sends on to", sendsOn, aside],
  ])("%s: it is named, and the registry's address not doubted", async (_, mine, named) => {
    const { error } = await ask(only(mine, (host) => lookup("ENOTFOUND", host)));
    expect(error.next).toContain(`check that ${named} is running and that this machine reaches it`);
    expect(error.next).not.toContain("registry's address");
  });
});

describe("a certificate that nobody vouches for", () => {
  const selfSigned = () =>
    Object.assign(new Error("self-signed certificate"), { code: "DEPTH_ZERO_SELF_SIGNED_CERT" });

  it("is the registry's", async () => {
    const { error } = await ask(() => {
      throw selfSigned();
    });
    expect(error.next).toMatch(/^If you trust the registry, .*signed the registry's certificate/);
  });

  it("is the token server's", async () => {
    const challenge = answer(401, { "www-authenticate": `Bearer realm="https://${aside}/token"` });
    const { error } = await ask(only(challenge, selfSigned));
    expect(error.next).toMatch(
      /^If you trust the token server auth\.invalid, .*signed the certificate of the token server auth\.invalid/,
    );
  });
});
