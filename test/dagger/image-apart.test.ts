/** At the module's edge: attestations in a repository apart from the image's, and what a copy could not take along. */
import { generateKeyPairSync } from "node:crypto";
import { rmSync } from "node:fs";
import { join } from "node:path";

import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { attachInLayout } from "../../src/oci/attach/layouts.js";
import { openLayout } from "../../src/oci/layout/open.js";
import { listAttachments } from "../../src/oci/read/list.js";
import { systemTiming } from "../../src/oci/timing.js";
import { writeBundle } from "../support/bundles.js";
import { literal, startModule, type ModuleSession } from "../support/module.js";
import { pushImage } from "../support/registry-images.js";
import { installedTools, startDistribution, type RunningRegistry } from "../support/registry.js";

const program = installedTools().get("docker-registry");
const timing = systemTiming();
const [user, password] = ["reader", "s3cret-pa55"];
// Of the password above, by bcrypt.
const htpasswd = `${user}:$2b$04$LNg6CfCu6UjM.Uq/erVhYe5ywuO.WHgG4Mm.aaSh9RfqHlakWRZRC\n`;

describe.skipIf(program === undefined)("an image (docker-registry, where it can be had)", () => {
  let session: ModuleSession;
  let registry: RunningRegistry;
  let other: RunningRegistry;
  let key: string;
  let publicKey: string;
  let published: string;

  beforeAll(async () => {
    registry = await startDistribution(program ?? "");
    other = await startDistribution(program ?? "", { htpasswd });
    session = await startModule();
    const pair = generateKeyPairSync("ec", { namedCurve: "P-256" });
    key = literal(
      await session.secret("private.pem", pair.privateKey.export({ format: "pem", type: "pkcs8" })),
    );
    const pem = pair.publicKey.export({ format: "pem", type: "spki" }).toString();
    publicKey = literal(await session.file("public.pem", pem));
  });
  afterAll(async () => {
    await session.close();
    await Promise.all([registry.stop(), other.stop()]);
  });

  const attest = async (fields: string) =>
    ((await session.query(`{ attest { ${fields} } }`)) as { attest: Record<string, unknown> }).attest;
  const image = async (args: string, fields: string) =>
    (await attest(`image(${args}) { ${fields} }`))["image"] as Record<string, unknown>;
  const refused = (args: string, fields = "digest") =>
    image(args, fields).then(JSON.stringify, (error: unknown) => String(error));
  const verified = () => `verify(keys: [${publicKey}]) { passed }`;
  const apartIn = (place: string) => `attestationRepository: "${place}/attestations/app"`;

  it("is published with its attestations apart, and read with them", async () => {
    const container = literal(
      String(await session.value(`container { withNewFile(path: "/a", contents: "b") { id } }`)),
    );
    published = `reference: "${registry.address}/app:1.0"`;
    const { publish } = await attest(
      `publish(container: ${container}, address: "${registry.address}/app:1.0", sbom: true, key: ${key},
        ${apartIn(registry.address)}) { summary image { attestationRepository ${verified()} } }`,
    );
    expect(publish).toMatchObject({
      summary: expect.stringMatching(/1 signed; read back and verified/) as unknown,
      image: { attestationRepository: `${registry.address}/attestations/app`, verify: { passed: true } },
    });
    expect(await image(published, `${verified()} attestations { digest }`)).toEqual({
      verify: { passed: false },
      attestations: [],
    });
    const kept = await image(
      `${published}, ${apartIn(registry.address)}`,
      `${verified()} attestations { repository } tree`,
    );
    expect(kept).toMatchObject({
      verify: { passed: true },
      attestations: [{ repository: `${registry.address}/attestations/app` }],
      tree: expect.stringContaining(`in ${registry.address}/attestations/app`) as unknown,
    });
  });

  it("is copied with them to where they go, or with the image", async () => {
    const to = (place: string, more = "") =>
      `copy(to: "${registry.address}/${place}:2.0"${more}) { attestationRepository absent summary ${verified()} }`;
    const { copy } = await image(`${published}, ${apartIn(registry.address)}`, to("together"));
    expect(copy).toMatchObject({ attestationRepository: "", absent: [], verify: { passed: true } });
    expect((copy as { summary: string }).summary).toMatch(
      /^127\.0\.0\.1:\d+\/together:2\.0@sha256:[0-9a-f]{64}: 1 platform\(s\)\ncopied: 1 manifest\(s\) of the image, 1 attached to it; .*mounted/,
    );
    const apart = `, attestationRepository: "${registry.address}/released/attestations"`;
    expect(await image(`${published}, ${apartIn(registry.address)}`, to("released", apart))).toMatchObject({
      copy: { attestationRepository: `${registry.address}/released/attestations`, verify: { passed: true } },
    });
    expect(await image(`reference: "${registry.address}/released:2.0"`, verified())).toEqual({
      verify: { passed: false },
    });
    const layout = `asLayout { id }`;
    const { asLayout } = await image(`${published}, ${apartIn(registry.address)}`, layout);
    const { id } = asLayout as { id: string };
    expect(await image(`layout: ${literal(id)}`, verified())).toEqual({ verify: { passed: true } });
  });

  it("has them in another registry with that one's credentials alone", async () => {
    const config = (address: string) => {
      const auth = Buffer.from(`${user}:${password}`).toString("base64");
      return session.secret(`${address}.json`, JSON.stringify({ auths: { [address]: { auth } } }));
    };
    const apart = `${published}, ${apartIn(other.address)}`;
    expect(await refused(apart, "attestations { digest }")).toContain("REGISTRY_DENIED");
    // What is said of the image's registry is not said of the other one.
    const given = `username: "${user}", password: ${literal(await session.secret("password", password))}`;
    expect(await refused(`${apart}, ${given}`, "attestations { digest }")).toContain("REGISTRY_DENIED");
    const known = `${apart}, dockerConfig: ${literal(await config(other.address))}`;
    const sbom = `attachSbom(key: ${key}) { attestations { repositories: places } ${verified()} }`;
    expect(await image(known, sbom)).toMatchObject({ attachSbom: { verify: { passed: true } } });
    expect(await image(known, verified())).toEqual({ verify: { passed: true } });
    expect(await image(published, verified())).toEqual({ verify: { passed: false } });
  });

  it("takes a repository and nothing else", async () => {
    for (const wrong of ["registry.example/app:1.0", `registry.example/app@sha256:${"0".repeat(64)}`]) {
      const message = await refused(
        `${published}, attestationRepository: "${wrong}"`,
        "attestations { digest }",
      );
      expect(message).toContain("ARGUMENT_INVALID: attestations are kept in a repository");
      expect(message).toContain(wrong);
    }
  });

  it("says what its copy lacks", async () => {
    const directory = join(session.workdir, "layout");
    const store = await openLayout(directory, { timing, create: true });
    const { digest } = await pushImage(store, "1.0");
    const bundle = await writeBundle(session.workdir, "gone", [digest]);
    await attachInLayout(store, digest, [bundle], "referrer", {
      created: "2026-11-27T00:00:00Z",
      timing,
      tag: "1.0",
    });
    const [attached] = (await listAttachments(store, "1.0", join(session.workdir, "list"))).attachments;
    const gone = attached?.manifest ?? "";
    rmSync(join(directory, "blobs", ...gone.split(":")));
    const layout = `layout: ${literal(await session.id("directory", directory))}`;
    const { copy } = await image(layout, `copy(to: "${registry.address}/lacking:1.0") { absent summary }`);
    expect(copy).toEqual({
      absent: [gone],
      summary: expect.stringContaining(
        `absent: 1 named in the source and not held by it: ${gone}`,
      ) as unknown,
    });
  });
});
