import { describe, expect, test } from "vitest";

import { AttestError } from "../../../src/error.js";
import { dockerCredentials } from "../../../src/oci/registry/credentials.js";

const auth = (user: string, password = "secret") => ({
  auth: Buffer.from(`${user}:${password}`).toString("base64"),
});
const found = (config: unknown, registry: string, repository = "team/app") => {
  const text = typeof config === "string" ? config : JSON.stringify(config);
  const credentials = dockerCredentials(text, registry, repository);
  return credentials?.kind === "password" ? credentials.username : credentials?.kind;
};

describe("docker's configuration file", () => {
  test.for([
    ["docker.io", "https://index.docker.io/v1/"],
    ["docker.io", "registry-1.docker.io"],
    ["ghcr.io", "https://ghcr.io/v2/"],
    ["ghcr.io", "GHCR.io"],
    ["localhost:5000", "http://localhost:5000"],
  ])("the credentials of %s are those of %s", ([registry = "", key = ""]) => {
    expect(found({ auths: { "other.example": auth("other"), [key]: auth("right") } }, registry)).toBe(
      "right",
    );
  });

  const parts = {
    "registry.example/team/app": auth("app"),
    "registry.example": auth("all"),
    "registry.example/team": auth("team"),
    "registry.example/tea": auth("tea"),
    "https://registry.example/v2/": auth("again"),
  };
  test.for([
    ["team/app", "app"],
    ["team/app/deeper", "app"],
    ["team/application", "team"],
    ["team", "team"],
    ["else", "all"],
  ])("keys for parts of a registry: %s has those of %s", ([repository = "", user = ""]) => {
    expect(found({ auths: parts }, "registry.example", repository)).toBe(user);
  });

  test("a key for another part of the registry is none for this one", () => {
    expect(found({ auths: { "registry.example/other": auth("other") } }, "registry.example")).toBeUndefined();
  });

  test("Kubernetes' older form holds the registries alone", () => {
    expect(found({ "https://a.example": auth("older") }, "a.example")).toBe("older");
    expect(found({ credHelpers: { "b.example": "x" } }, "a.example")).toBeUndefined();
    expect(() => found({ credHelpers: { "a.example": "x" } }, "a.example")).toThrow(/in a helper/);
  });

  test("tokens count before passwords, and a password may hold a colon", () => {
    const token = { ...auth("00000000-0000-0000-0000-000000000000", ""), identitytoken: "refresh" };
    expect(found({ auths: { "a.azurecr.io": token } }, "a.azurecr.io")).toBe("identity-token");
    expect(found({ auths: { "a.example": { registrytoken: "t" } } }, "a.example")).toBe("bearer");
    const config = JSON.stringify({ auths: { "a.example": auth("AWS", "a:b:c=") } });
    expect(dockerCredentials(config, "a.example", "app")).toMatchObject({
      username: "AWS",
      password: "a:b:c=",
    });
  });

  test.for([
    ["a byte order mark", `\ufeff{"auths":{}}`],
    ["a key twice", `{"auths":{"a.example":{"auth":"c2VjcmV0"},"a.example":{}}}`],
    ["a comment", `{/* */}`],
    ["a list", "[]"],
    ["an auth that is no pair", JSON.stringify({ auths: { "a.example": { auth: "c2VjcmV0" } } })],
  ])("with %s is refused, and nothing of it is shown", ([, text = ""]) => {
    const failure = (() => {
      try {
        return found(text, "a.example");
      } catch (error) {
        return error;
      }
    })();
    expect(failure).toBeInstanceOf(AttestError);
    expect(String(failure)).toMatch(/ARGUMENT_INVALID.*expected/s);
    expect(String(failure)).not.toMatch(/c2VjcmV0|secret/);
  });
});
