import { connect } from "node:net";
import { networkInterfaces } from "node:os";

import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { startTestEngine, type TestEngine } from "../engine.js";

describe("the engine's door", () => {
  let engine: TestEngine;
  beforeAll(async () => {
    engine = await startTestEngine();
  });
  afterAll(() => engine.close());

  const post = (
    token: string | undefined,
    path = "/query",
    body = '{"query":"{ version }"}',
    method = "POST",
  ) =>
    fetch(`http://127.0.0.1:${engine.port}${path}`, {
      method,
      ...(method === "POST" ? { body } : {}),
      headers:
        token === undefined ? {} : { authorization: `Basic ${Buffer.from(`${token}:`).toString("base64")}` },
    });

  it("opens to the session's token", async () => {
    const response = await post(engine.token);
    expect(response.status).toBe(200);
    expect(await response.json()).toEqual({ data: { version: "v0.21.8" } });
  });

  it.each([
    ["no token", undefined],
    ["an empty one", ""],
    ["another one", "0".repeat(64)],
  ])("stays shut to %s", async (_case, token) => {
    expect((await post(token)).status).toBe(401);
  });

  it.each([
    ["another path", "/", "POST", "{}", 404],
    ["another method", "/query", "GET", "", 405],
    ["a body that is no JSON", "/query", "POST", "{", 400],
    ["a body without a query", "/query", "POST", "{}", 400],
  ])("refuses %s", async (_case, path, method, body, status) => {
    expect((await post(engine.token, path, body, method)).status).toBe(status);
  });

  it("listens on loopback only", async () => {
    const outside = Object.values(networkInterfaces())
      .flatMap((each) => each ?? [])
      .find(({ internal, family }) => !internal && family === "IPv4")?.address;
    // A machine without a network has no other address to try.
    if (outside === undefined) return;
    await expect(
      new Promise((resolve, reject) =>
        connect(engine.port, outside, () => resolve("open")).on("error", reject),
      ),
    ).rejects.toThrow(/ECONNREFUSED/);
  });

  it.each([
    ["a field", "{ container { terminal { id } } }", "Container.terminal"],
    [
      "an argument",
      '{ container { withExec(args: ["a"], insecureRootCapabilities: true) { id } } }',
      "insecureRootCapabilities",
    ],
    ["a type", "query ($id: ServiceID!) { version }", "ServiceID"],
  ])("refuses %s that it lacks by name", async (_case, query, name) => {
    await expect(engine.query(query)).rejects.toThrow(
      new RegExp(`${name}.*is not in the local engine; run with Dagger`),
    );
  });
});
