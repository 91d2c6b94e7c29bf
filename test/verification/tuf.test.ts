import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { loadTrustedRoot } from "../../src/verification/trusted-root.js";
import { updateFromTuf, type TufUpdate } from "../../src/verification/tuf.js";
import { startTuf, type TufDouble } from "./tuf-double.js";

const trustedRoot = JSON.stringify({
  mediaType: "application/vnd.dev.sigstore.trustedroot+json;version=0.1",
});
const signingConfig = JSON.stringify({ mediaType: "application/vnd.dev.sigstore.signingconfig.v0.2+json" });
const targets = { "trusted_root.json": trustedRoot };
const past = "2020-01-01T00:00:00Z";

let directory: string;
let tuf: TufDouble;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "attest-tuf-"));
  tuf = await startTuf();
});
afterEach(async () => {
  vi.useRealTimers();
  await tuf.stop();
  await rm(directory, { recursive: true });
});

async function update(repository = tuf, cache = "cache"): Promise<TufUpdate> {
  const rootPath = join(directory, "root.json");
  await writeFile(rootPath, repository.root);
  const cachePath = join(directory, cache);
  await mkdir(cachePath, { recursive: true });
  return updateFromTuf({ url: repository.url, rootPath, cachePath, retries: 0 });
}

describe("an update", () => {
  test("gives the repository's trusted root, and says how old it is", async () => {
    tuf.publish({ version: 7, targets, expires: { timestamp: "2199-01-02T03:04:05Z" } });
    const found = await update();
    expect(found).toMatchObject({ url: tuf.url, trustedRoot, version: 7 });
    expect(found.notUpdated).toBeUndefined();
    expect(found.signingConfigPath).toBeUndefined();
    expect(Date.parse(found.validUntil)).toBeGreaterThan(Date.now());
    expect((await loadTrustedRoot(found.trustedRoot, "double")).material.tlogs).toEqual([]);
  });

  test("is valid until the first of its metadata expires", async () => {
    const soon = new Date(Date.now() + 3_600_000).toISOString().replace(/\.\d+Z$/, "Z");
    tuf.publish({ targets, expires: { snapshot: soon } });
    expect((await update()).validUntil).toBe(new Date(soon).toISOString());
  });

  test("gives the signing config where the repository has one", async () => {
    tuf.publish({ targets: { ...targets, "signing_config.v0.2.json": signingConfig } });
    const { signingConfigPath = "" } = await update();
    expect(await readFile(signingConfigPath, "utf8")).toBe(signingConfig);
  });

  test("sees what was published since", async () => {
    tuf.publish({ targets: { "trusted_root.json": "old" } });
    expect((await update()).trustedRoot).toBe("old");
    tuf.publish({ version: 2, targets });
    expect(await update()).toMatchObject({ trustedRoot, version: 2 });
  });

  test("takes a URL with a slash at its end for the same repository", async () => {
    tuf.publish({ targets });
    await update();
    expect(await update({ ...tuf, url: `${tuf.url}/` })).toMatchObject({ url: tuf.url, version: 1 });
  });
});

describe("a repository that does not answer", () => {
  test("is no matter as long as the cache is valid, and that is said", async () => {
    tuf.publish({ targets });
    await update();
    tuf.fail(503);
    expect(await update()).toMatchObject({ trustedRoot, notUpdated: "the repository did not answer" });
    await tuf.stop();
    expect(await update()).toMatchObject({ trustedRoot, notUpdated: "the repository did not answer" });
    tuf = await startTuf();
  });

  test.each([500, 503])("is TUF_UNAVAILABLE without a cache (%d)", async (status) => {
    tuf.fail(status);
    await expect(update()).rejects.toMatchObject({
      code: "TUF_UNAVAILABLE",
      next: expect.stringContaining("--trusted-root") as string,
    });
  });

  test("is TUF_UNAVAILABLE where nobody listens", async () => {
    await tuf.stop();
    const stopped = tuf;
    tuf = await startTuf();
    const error: unknown = await update(stopped).catch((caught: unknown) => caught);
    expect(error).toMatchObject({ code: "TUF_UNAVAILABLE" });
    expect(String(error)).toContain(`${stopped.url} does not answer`);
  });

  test("is TUF_UNAVAILABLE once the cache has expired", async () => {
    tuf.publish({ targets });
    await update();
    vi.useFakeTimers({ toFake: ["Date"], now: new Date("2199-01-01T00:00:00Z") });
    tuf.fail(503);
    await expect(update()).rejects.toMatchObject({ code: "TUF_UNAVAILABLE" });
  });
});

describe("metadata that can't be trusted is TUF_INVALID:", () => {
  test.each(["timestamp", "snapshot", "targets"] as const)("an expired %s", async (role) => {
    tuf.publish({ targets, expires: { [role]: past } });
    await expect(update()).rejects.toMatchObject({ code: "TUF_INVALID" });
  });

  test("an expired root", async () => {
    const expired = await startTuf(past);
    expired.publish({ targets });
    await expect(update(expired)).rejects.toMatchObject({ code: "TUF_INVALID" });
    await expired.stop();
  });

  test.each(["timestamp", "snapshot", "targets"] as const)("a %s of another signer", async (role) => {
    tuf.publish({ targets, forged: role });
    await expect(update()).rejects.toMatchObject({ code: "TUF_INVALID" });
  });

  test("another repository under the same root", async () => {
    const other = await startTuf();
    other.publish({ targets });
    await expect(update({ ...other, root: tuf.root })).rejects.toMatchObject({ code: "TUF_INVALID" });
    await other.stop();
  });

  test("an older version than was seen before", async () => {
    tuf.publish({ version: 5, targets });
    await update();
    tuf.publish({ version: 4, targets: { "trusted_root.json": "old" } });
    await expect(update()).rejects.toMatchObject({ code: "TUF_INVALID" });
  });

  test("a target that is not the one listed", async () => {
    tuf.publish({ targets, served: { "trusted_root.json": trustedRoot.replace("0.1", "0.2") } });
    await expect(update()).rejects.toMatchObject({ code: "TUF_INVALID" });
  });

  test("a target longer than listed", async () => {
    tuf.publish({ targets, served: { "trusted_root.json": `${trustedRoot} ` } });
    await expect(update()).rejects.toMatchObject({ code: "TUF_INVALID" });
  });

  test("no trusted root at all", async () => {
    tuf.publish({ targets: {} });
    await expect(update()).rejects.toMatchObject({ code: "TUF_INVALID" });
  });

  test("a root that is no TUF metadata", async () => {
    tuf.publish({ targets });
    await expect(update({ ...tuf, root: Buffer.from("{}") })).rejects.toMatchObject({ code: "TUF_INVALID" });
  });
});

describe("a question that is none is ARGUMENT_INVALID:", () => {
  test("another repository without its root", async () => {
    await expect(updateFromTuf({ url: tuf.url, cachePath: directory })).rejects.toMatchObject({
      code: "ARGUMENT_INVALID",
      problems: [{ path: "tufRoot" }],
    });
  });

  test.each([
    "",
    "tuf.example",
    "file:///etc",
    "https://user:canary@tuf.example",
    "https://tuf.example/?a=canary",
  ])("%j as address", async (url) => {
    const error: unknown = await updateFromTuf({ url, cachePath: directory, rootPath: "x" }).catch(
      (caught: unknown) => caught,
    );
    expect(error).toMatchObject({ code: "ARGUMENT_INVALID", problems: [{ path: "tufUrl" }] });
    expect(String(error)).not.toContain("canary");
  });
});
