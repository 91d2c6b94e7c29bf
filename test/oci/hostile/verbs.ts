/** What people do with an image in a registry, each with a check that the result is right. */
import { mkdtempSync } from "node:fs";
import { join } from "node:path";

import { AttestError, type AttestErrorCode } from "../../../src/error.js";
import { attachToImage } from "../../../src/oci/attach/image.js";
import { copyImage } from "../../../src/oci/copy/copy.js";
import { openLayout } from "../../../src/oci/layout/open.js";
import { readPublished } from "../../../src/oci/published.js";
import { listAttachments } from "../../../src/oci/read/list.js";
import { openRegistry, type RegistryOptions } from "../../../src/oci/registry/open.js";
import { createTransport } from "../../../src/oci/registry/transport.js";
import type { ContentStore } from "../../../src/oci/store.js";
import { imageEvidence } from "../../../src/oci/verify.js";
import { loadPublicKey } from "../../../src/verification/public-key.js";
import { verify } from "../../../src/verification/verify.js";
import { testKeys, writeBundle } from "../../support/bundles.js";
import { fakeTiming } from "../../support/fake-timing.js";
import type { HostileRegistry } from "../../support/hostile-registry/server.js";
import { pushIndex } from "../../support/registry-images.js";

export type Scene = {
  readonly repository: string;
  readonly registry: HostileRegistry;
  readonly directory: string;
  readonly image: { readonly digest: string; readonly platforms: readonly string[] };
  /** SHA-256 of the statements that are attached. */
  readonly statements: readonly string[];
  /** Digests of the manifests that are attached. */
  readonly attached: readonly string[];
};

export const created = "2026-11-26T00:00:00Z";

/** A client with nothing learnt yet, which never really waits. */
export async function client(
  { address }: Pick<HostileRegistry, "address">,
  repository: string,
  options: Partial<RegistryOptions> = {},
): Promise<ContentStore> {
  const transport = await createTransport({ idle: 60_000, total: 600_000, connections: 16 });
  return openRegistry({ registry: address, repository }, { timing: fakeTiming(), transport, ...options });
}

/** An index of two platforms at `v1`, with one attestation of itself and one of a platform. */
export async function setScene(
  registry: HostileRegistry,
  repository: string,
  directory: string,
): Promise<Scene> {
  const store = await client(registry, repository);
  const { index, amd64, arm64 } = await pushIndex(store, "v1");
  const paths = [
    await writeBundle(directory, "index", [index.digest]),
    await writeBundle(directory, "arm", [arm64.digest]),
  ];
  const { attached } = await attachToImage(store, "v1", paths, { created, timing: fakeTiming() });
  const { attachments } = await listAttachments(store, "v1", mkdtempSync(join(directory, "scene-")));
  return {
    repository,
    registry,
    directory,
    image: { digest: index.digest, platforms: [amd64.digest, arm64.digest] },
    statements: attachments.map(({ statementSha256 }) => statementSha256),
    attached: attached.map(({ manifest }) => manifest.digest),
  };
}

const key = loadPublicKey(testKeys.publicKey.export({ format: "pem", type: "spki" }).toString());
const fresh = (scene: Scene, name: string) => mkdtempSync(join(scene.directory, `${name}-`));

function expectEqual(got: unknown, expected: unknown): void {
  if (JSON.stringify(got) !== JSON.stringify(expected))
    throw new Error(`wrong result: ${JSON.stringify(got)} instead of ${JSON.stringify(expected)}`);
}

async function list(scene: Scene, store: ContentStore): Promise<void> {
  const { attachments, platforms } = await listAttachments(store, "v1", fresh(scene, "list"));
  expectEqual(
    attachments.map(({ statementSha256 }) => statementSha256),
    scene.statements,
  );
  expectEqual(
    platforms.map(({ descriptor }) => descriptor.digest),
    scene.image.platforms,
  );
}

async function judge(scene: Scene, store: ContentStore): Promise<void> {
  const listing = await listAttachments(store, "v1", fresh(scene, "verify"));
  const { artifact, bundles } = imageEvidence(listing, "app", undefined);
  const { passed } = await verify(bundles, { artifact, signers: { keys: [key] }, now: new Date() });
  if (!passed) throw new Error("wrong result: an attested image does not verify");
}

async function readBack(scene: Scene, store: ContentStore): Promise<void> {
  const { digest, platforms } = scene.image;
  const expected = {
    digest,
    platforms,
    statements: scene.statements,
    areSigned: true,
    trust: { signers: { keys: [key] } },
    now: new Date(),
  };
  await readPublished(store, "v1", expected, fresh(scene, "published"), fakeTiming());
}

/** Attaches one more; once nothing goes wrong any more, everything is there. */
async function attach(scene: Scene, store: ContentStore): Promise<void> {
  const path = await writeBundle(scene.directory, "more", [scene.image.digest]);
  const { attached } = await attachToImage(store, "v1", [path], { created, timing: fakeTiming() });
  scene.registry.faults = [];
  const listing = await listAttachments(
    await client(scene.registry, scene.repository),
    "v1",
    fresh(scene, "attach"),
  );
  const manifests = listing.attachments.map(({ manifest }) => manifest);
  for (const digest of [...scene.attached, ...attached.map(({ manifest }) => manifest.digest)])
    if (!manifests.includes(digest)) throw new Error(`wrong result: ${digest} is lost`);
}

async function copy(scene: Scene, store: ContentStore): Promise<void> {
  const timing = fakeTiming();
  const target = await openLayout(fresh(scene, "layout"), { timing, create: true });
  const options = { timing, tags: ["v1"], directory: fresh(scene, "blobs") };
  await copyImage(store, "v1", target, options);
  await list(scene, target);
}

/** `attach` comes last: it changes the scene. */
export const verbs = { list, verify: judge, "read back": readBack, copy, attach } as const;
export type Verb = keyof typeof verbs;

/** `right`, or the code of a clear error. Anything else that is thrown is a failure of the test. */
export async function outcomeOf(work: Promise<unknown>): Promise<"right" | AttestErrorCode> {
  try {
    await work;
    return "right";
  } catch (error) {
    if (error instanceof AttestError) return error.code;
    throw error;
  }
}
