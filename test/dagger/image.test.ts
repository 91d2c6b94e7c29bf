import { generateKeyPairSync } from "node:crypto";

import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { literal, startModule, type ModuleSession } from "../support/module.js";
import { installedTools, startDistribution, type RunningRegistry } from "../support/registry.js";

const program = installedTools().get("docker-registry");
const predicateType = "https://example.com/review/v1";

describe.skipIf(program === undefined)(
  "an image at the module's edge (docker-registry, where it can be had)",
  () => {
    let session: ModuleSession;
    let registry: RunningRegistry;
    let key: string;
    let publicKey: string;
    let container: string;

    const fileId = (name: string, content: string): Promise<string> => session.file(name, content);

    beforeAll(async () => {
      registry = await startDistribution(program ?? "");
      session = await startModule();
      const pair = generateKeyPairSync("ec", { namedCurve: "P-256" });
      key = await session.secret("private.pem", pair.privateKey.export({ format: "pem", type: "pkcs8" }));
      publicKey = await fileId(
        "public.pem",
        pair.publicKey.export({ format: "pem", type: "spki" }).toString(),
      );
      container = String(
        await session.value(`container { withNewFile(path: "/app.txt", contents: "the app") { id } }`),
      );
    });
    afterAll(async () => {
      await session.close();
      await registry.stop();
    });

    const attest = async (fields: string): Promise<Record<string, unknown>> =>
      ((await session.query(`{ attest { ${fields} } }`)) as { attest: Record<string, unknown> }).attest;

    let address: string;
    let digest: string;

    it("is published with an SBOM, signed, attached and read back", async () => {
      address = `${registry.address}/app:1.0`;
      const { publish } = await attest(
        `publish(container: ${literal(container)}, address: ${literal(address)}, sbom: true, key: ${literal(key)}) {
         reference digest summary platforms { platform digest } sbom { subjects { name digests } }
         image { reference verify(keys: [${literal(publicKey)}]) { passed } } }`,
      );
      const { reference, summary, sbom, image, ...rest } = publish as Record<string, string> & {
        sbom: unknown;
        image: unknown;
      };
      digest = rest["digest"] ?? "";
      expect(reference).toBe(`${address}@${digest}`);
      expect(summary).toMatch(/1 attestation\(s\) attached \(referrer\), 1 signed; read back/);
      expect(sbom).toEqual({ subjects: [{ name: `${registry.address}/app`, digests: [digest] }] });
      expect(image).toEqual({ reference: `${registry.address}/app@${digest}`, verify: { passed: true } });
    });

    it("is listed, drawn, verified and copied", async () => {
      const { image } = await attest(
        `image(reference: ${literal(address)}) {
         digest tree
         attestations { predicateType isSigned places subject }
         verify(keys: [${literal(publicKey)}]) { passed }
         copy(to: "${registry.address}/released:1.0", keys: [${literal(publicKey)}]) {
           reference attestations { predicateType } } }`,
      );
      expect(image).toMatchObject({
        digest,
        attestations: [
          {
            predicateType: "https://spdx.dev/Document",
            isSigned: true,
            places: ["fallback-tag"],
            subject: digest,
          },
        ],
        verify: { passed: true },
        copy: {
          reference: `${registry.address}/released@${digest}`,
          attestations: [{ predicateType: "https://spdx.dev/Document" }],
        },
      });
      expect((image as { tree: string }).tree).toMatch(
        /spdx\.dev\/Document\n[^\n]*bundle, signed, fallback-tag/,
      );
    });

    it("takes attestations in a layout, before anything is pushed", async () => {
      const layout = await session.value(
        `attest { image(reference: ${literal(address)}) { asLayout { id } } }`,
      );
      const predicate = await fileId("review.json", '{"ok":true}');
      const bundle = String(
        await session.value(
          `attest { statement(predicateType: ${literal(predicateType)}, predicate: ${literal(predicate)}) {
           withSubject(name: "app", digests: [${literal(digest)}]) { sign(key: ${literal(key)}) { asFile { id } } } } }`,
        ),
      );
      const within = await attest(
        `image(layout: ${literal(layout)}) {
         attach(bundles: [${literal(bundle)}]) {
           digest layout { entries } attestations { predicateType places } } }`,
      );
      expect(within["image"]).toEqual({
        attach: {
          digest,
          layout: { entries: expect.arrayContaining(["index.json"]) as unknown },
          attestations: [
            { predicateType, places: ["referrer"] },
            { predicateType: "https://spdx.dev/Document", places: ["referrer"] },
          ],
        },
      });
    });

    it("is copied only when it verifies", async () => {
      const other = generateKeyPairSync("ed25519").publicKey.export({ format: "pem", type: "spki" });
      const foreign = await fileId("other.pem", other.toString());
      const copied = attest(
        `image(reference: "${registry.address}/app:1.0") {
         copy(to: "${registry.address}/refused:1.0", keys: [${literal(foreign)}]) { reference } }`,
      );
      await expect(copied).rejects.toThrow(/VERIFICATION_FAILED/);
      await expect(
        session.value(`attest { image(reference: "${registry.address}/refused:1.0") { digest } }`),
      ).rejects.toThrow(/IMAGE_NOT_FOUND/);
    });
  },
);
