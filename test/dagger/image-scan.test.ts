/** An image that is there already: SBOMs are about the manifests that the registry or layout holds. */
import { generateKeyPairSync } from "node:crypto";

import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { literal, startModule, type ModuleSession } from "../support/module.js";
import { installedTools, startDistribution, type RunningRegistry } from "../support/registry.js";

const program = installedTools().get("docker-registry");
const metadata = "Metadata-Version: 2.1\\nName: left\\nVersion: 1.4.2\\n";
const metadataPath = "/usr/lib/python3/dist-packages/left-1.4.2.dist-info/METADATA";

describe.skipIf(program === undefined)(
  "scans of an image that is there (docker-registry, where it can be had)",
  () => {
    let session: ModuleSession;
    let registry: RunningRegistry;
    let key: string;
    let publicKey: string;
    let single: string;
    let several: string;
    let digests: Record<string, string>;

    const attest = async (fields: string): Promise<Record<string, unknown>> =>
      ((await session.query(`{ attest { ${fields} } }`)) as { attest: Record<string, unknown> }).attest;

    const containerId = async (platform: string): Promise<string> =>
      String(
        await session.value(
          `container(platform: ${literal(platform)}) {
             withNewFile(path: ${literal(metadataPath)}, contents: "${metadata}") { id } }`,
        ),
      );

    beforeAll(async () => {
      registry = await startDistribution(program ?? "");
      session = await startModule();
      const pair = generateKeyPairSync("ec", { namedCurve: "P-256" });
      key = await session.secret("private.pem", pair.privateKey.export({ format: "pem", type: "pkcs8" }));
      publicKey = await session.file("public.pem", pair.publicKey.export({ format: "pem", type: "spki" }));

      const [amd64, arm64] = [await containerId("linux/amd64"), await containerId("linux/arm64")];
      single = `${registry.address}/single:1`;
      several = `${registry.address}/several:1`;
      const published = await attest(
        `a: publish(container: ${literal(amd64)}, address: ${literal(single)}) { digest }
         b: publish(container: ${literal(amd64)}, address: ${literal(several)}, platformVariants: [${literal(arm64)}]) {
           platforms { platform digest } }`,
      );
      const { platforms } = published["b"] as { platforms: { platform: string; digest: string }[] };
      digests = Object.fromEntries(platforms.map(({ platform, digest }) => [platform, digest]));
      digests["single"] = (published["a"] as { digest: string }).digest;
    });
    afterAll(async () => {
      await session.close();
      await registry.stop();
    });

    it.each(["SYFT", "TRIVY"])("has the manifest of the registry as the subject, by %s", async (scanner) => {
      const { image } = await attest(
        `image(reference: ${literal(single)}) {
           sbom(scanner: ${scanner}) { subjects { name digests } summary predicate { contents } } }`,
      );
      const { subjects, predicate } = (
        image as { sbom: { subjects: unknown; predicate: { contents: string } } }
      ).sbom;
      expect(subjects).toEqual([{ name: `${registry.address}/single`, digests: [digests["single"]] }]);
      expect(predicate.contents).toContain("pkg:pypi/left@1.4.2");
    });

    it("is about one platform, which is never guessed", async () => {
      const { image } = await attest(
        `image(reference: ${literal(several)}) { sbom(platform: "linux/arm64", name: "app") { subjects { name digests } } }`,
      );
      expect(image).toEqual({
        sbom: { subjects: [{ name: "app", digests: [digests["linux/arm64"]] }] },
      });
      const guessed = attest(`image(reference: ${literal(several)}) { sbom { predicateType } }`);
      await expect(guessed).rejects.toThrow(/ARGUMENT_INVALID.*one of linux\/amd64, linux\/arm64/s);
    });

    it("gets an SBOM of each platform, signed and attached, in one call; again changes nothing", async () => {
      const again = `attachSbom(key: ${literal(key)}) { digest attestations { platform predicateType isSigned } }`;
      const { image } = await attest(
        `image(reference: ${literal(several)}) {
           digest
           attachSbom(key: ${literal(key)}) {
             digest attestations { platform predicateType isSigned }
             ${again}
             index: verify(keys: [${literal(publicKey)}]) { passed }
             verify(keys: [${literal(publicKey)}], platform: "linux/arm64", predicateType: "https://spdx.dev/Document") { passed } } }`,
      );
      const { digest, attachSbom } = image as { digest: string; attachSbom: Record<string, unknown> };
      // The third is about the index, and refers to the others.
      const attestations = ["", "linux/amd64", "linux/arm64"].map((platform) => ({
        platform,
        predicateType: "https://spdx.dev/Document",
        isSigned: true,
      }));
      const expected = { digest, attestations: expect.arrayContaining(attestations) as unknown };
      expect(attachSbom).toEqual({
        ...expected,
        attachSbom: expected,
        index: { passed: true },
        verify: { passed: true },
      });
      expect(attachSbom["attestations"]).toHaveLength(3);
    });

    it("takes an archive as well, and BuildKit's layout without a signature", async () => {
      const archive = await session.value(
        `attest { image(reference: ${literal(single)}) { asArchive { id } } }`,
      );
      const { image } = await attest(
        `image(archive: ${literal(archive)}) {
           sbom { subjects { name digests } }
           attachSbom(layout: BUILDKIT_ARTIFACT) { attestations { isSigned places subject } } }`,
      );
      expect(image).toEqual({
        sbom: { subjects: [{ name: "image", digests: [digests["single"]] }] },
        attachSbom: {
          attestations: [{ isSigned: false, places: ["buildkit-index"], subject: digests["single"] }],
        },
      });
    });

    it("refuses to attach what nobody signs before anything is scanned", async () => {
      const unsigned = attest(`image(reference: ${literal(single)}) { attachSbom { digest } }`);
      await expect(unsigned).rejects.toThrow(/ARGUMENT_INVALID.*key, identityToken or tokenRequestUrl/s);
    });

    it("says of a container that was pulled how to name the registry's manifest", async () => {
      const { sbom } = await attest(
        `sbom(container: ${literal(await session.id("container", single))}) { summary }`,
      );
      expect((sbom as { summary: string }).summary).toMatch(
        /publishing this container makes; of \S+\/single:1@sha256:[0-9a-f]{64} itself/,
      );
    });
  },
);
