import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { createWriteStream } from "node:fs";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { pipeline } from "node:stream/promises";
import { gzipSync } from "node:zlib";

import { pack } from "tar-stream";
import { describe, expect, test } from "vitest";

import { AttestError } from "../../src/error.js";
import { imageSubjects } from "../../src/subjects/image.js";
import { scratch } from "../support/scratch.js";

const files = scratch();
const manifestType = "application/vnd.oci.image.manifest.v1+json";
const indexType = "application/vnd.oci.image.index.v1+json";
const configType = "application/vnd.oci.image.config.v1+json";

type Blob = {
  readonly mediaType: string;
  readonly digest: string;
  readonly size: number;
  readonly bytes: Buffer;
};
type Content = Readonly<Record<string, Uint8Array>>;

function blob(mediaType: string, content: unknown): Blob {
  const bytes = Buffer.isBuffer(content) ? content : Buffer.from(JSON.stringify(content));
  const digest = `sha256:${createHash("sha256").update(bytes).digest("hex")}`;
  return { mediaType, digest, size: bytes.length, bytes };
}

function descriptor({ mediaType, digest, size }: Blob, more: object = {}): object {
  return { mediaType, digest, size, ...more };
}

const layer = blob("application/vnd.oci.image.layer.v1.tar+gzip", Buffer.from([0x1f, 0x8b, 0x08, 0x00]));

function image(architecture: string, variant?: string): { manifest: Blob; config: Blob } {
  const config = blob(configType, { os: "linux", architecture, variant, rootfs: {} });
  const manifest = blob(manifestType, {
    schemaVersion: 2,
    mediaType: manifestType,
    config: descriptor(config),
    layers: [descriptor(layer)],
  });
  return { manifest, config };
}

const amd64 = image("amd64");
const arm64 = image("arm64", "v8");
const attestation = blob(manifestType, { schemaVersion: 2, config: descriptor(amd64.config), layers: [] });
const olderAttestation = blob(manifestType, {
  schemaVersion: 2,
  config: descriptor(arm64.config),
  layers: [],
});
const index = blob(indexType, {
  schemaVersion: 2,
  mediaType: indexType,
  manifests: [
    descriptor(amd64.manifest, { platform: { os: "linux", architecture: "amd64" } }),
    descriptor(arm64.manifest),
    descriptor(attestation, { annotations: { "vnd.docker.reference.type": "attestation-manifest" } }),
    descriptor(olderAttestation, { platform: { os: "unknown", architecture: "unknown" } }),
  ],
});

/** The files of a layout: its index lists `manifests`, and `blobs` are there. */
function layout(manifests: readonly object[], blobs: readonly Blob[]): Content {
  return {
    "oci-layout": Buffer.from('{"imageLayoutVersion":"1.0.0"}'),
    ...Object.fromEntries(blobs.map(({ digest, bytes }) => [`blobs/${digest.replace(":", "/")}`, bytes])),
    "index.json": Buffer.from(JSON.stringify({ schemaVersion: 2, manifests })),
  };
}

const single = layout([descriptor(amd64.manifest)], [layer, amd64.config, amd64.manifest]);
const all = [
  layer,
  amd64.config,
  amd64.manifest,
  arm64.config,
  arm64.manifest,
  attestation,
  olderAttestation,
  index,
];
const multi = layout([descriptor(index)], all);

async function directory(content: Content): Promise<string> {
  const root = await files.path();
  for (const [name, bytes] of Object.entries(content)) {
    await mkdir(dirname(join(root, name)), { recursive: true });
    await writeFile(join(root, name), bytes);
  }
  return root;
}

async function archive(content: Content, prefix = ""): Promise<string> {
  const path = await files.path();
  const tar = pack();
  for (const [name, bytes] of Object.entries(content))
    tar.entry({ name: `${prefix}${name}` }, Buffer.from(bytes));
  tar.finalize();
  await pipeline(tar, createWriteStream(path));
  return path;
}

async function refusal(path: Promise<string>): Promise<AttestError> {
  const error: unknown = await imageSubjects(await path, "app").then(
    () => new Error("it was accepted"),
    (reason: unknown) => reason,
  );
  if (error instanceof AttestError) return error;
  throw error;
}

const hex = ({ digest }: Blob) => digest.slice("sha256:".length);

describe.each([
  ["a layout directory", directory],
  ["an archive", archive],
  ["an archive with ./ before the names", (content: Content) => archive(content, "./")],
])("imageSubjects of %s", (_name, store) => {
  test("with one manifest", async () => {
    expect(await imageSubjects(await store(single), "docker.io/library/app")).toEqual({
      subjects: [{ name: "docker.io/library/app", digest: { sha256: hex(amd64.manifest) } }],
      platforms: [{ platform: "linux/amd64", digest: amd64.manifest.digest }],
      digest: amd64.manifest.digest,
      mediaType: manifestType,
    });
  });

  test("with an index: the index, then every platform, without attestations", async () => {
    expect(await imageSubjects(await store(multi), "app")).toEqual({
      subjects: [
        { name: "app", digest: { sha256: hex(index) } },
        { name: "app?platform=linux/amd64", digest: { sha256: hex(amd64.manifest) } },
        { name: "app?platform=linux/arm64/v8", digest: { sha256: hex(arm64.manifest) } },
      ],
      platforms: [
        { platform: "linux/amd64", digest: amd64.manifest.digest },
        { platform: "linux/arm64/v8", digest: arm64.manifest.digest },
      ],
      digest: index.digest,
      mediaType: indexType,
    });
  });
});

describe("what a layout may look like", () => {
  test("one image under several tags is one image", async () => {
    const tagged = (name: string) =>
      descriptor(amd64.manifest, { annotations: { "org.opencontainers.image.ref.name": name } });
    const content = { ...single, ...layout([tagged("a"), tagged("b")], []) };
    expect((await imageSubjects(await directory(content), "app")).digest).toBe(amd64.manifest.digest);
  });

  test("an index inside an index gives its platforms, and the outer one is what a registry shows", async () => {
    const outer = blob(indexType, { schemaVersion: 2, manifests: [descriptor(index)] });
    const { digest, platforms } = await imageSubjects(
      await archive(layout([descriptor(outer)], [...all, outer])),
      "app",
    );
    expect(digest).toBe(outer.digest);
    expect(platforms.map(({ platform }) => platform)).toEqual(["linux/amd64", "linux/arm64/v8"]);
  });

  test("platforms that were not exported are no subjects", async () => {
    const sparse = layout([descriptor(index)], [layer, amd64.config, amd64.manifest, index]);
    const { subjects } = await imageSubjects(await archive(sparse), "app");
    expect(subjects.map(({ name }) => name)).toEqual(["app", "app?platform=linux/amd64"]);
  });

  test("Docker's media types", async () => {
    const type = "application/vnd.docker.distribution.manifest.v2+json";
    const config = blob("application/vnd.docker.container.image.v1+json", {
      os: "linux",
      architecture: "s390x",
    });
    const manifest = blob(type, {
      schemaVersion: 2,
      mediaType: type,
      config: descriptor(config),
      layers: [],
    });
    const content = layout([descriptor(manifest)], [config, manifest]);
    expect(await imageSubjects(await archive(content), "app")).toMatchObject({
      mediaType: type,
      platforms: [{ platform: "linux/s390x" }],
    });
  });

  test("an artifact that is no image has no platform", async () => {
    const config = blob("application/vnd.cncf.helm.config.v1+json", { name: "chart" });
    const manifest = blob(manifestType, { schemaVersion: 2, config: descriptor(config), layers: [] });
    const content = layout([descriptor(manifest)], [config, manifest]);
    expect((await imageSubjects(await archive(content), "app")).platforms[0]?.platform).toBe("");
  });
});

describe("IMAGE_INVALID", () => {
  const other = Buffer.from(JSON.stringify({ os: "linux", architecture: "riscv64", rootfs: {} }));
  const manifestName = `blobs/${amd64.manifest.digest.replace(":", "/")}`;
  const configName = `blobs/${amd64.config.digest.replace(":", "/")}`;
  const nested = (depth: number): Blob[] =>
    Array.from({ length: depth }).reduce<Blob[]>(
      ([inner = index, ...rest]) => [blob(indexType, { manifests: [descriptor(inner)] }), inner, ...rest],
      [index],
    );
  const without = (name: string) =>
    Object.fromEntries(Object.entries(single).filter(([key]) => key !== name));
  const plain = blob("text/plain", {});
  const listing = (entry: object) => ({ ...single, ...layout([entry], []) });

  test.each<[string, Content, string]>([
    ["a manifest that was changed", { ...single, [manifestName]: Buffer.from("{}") }, "digest: sha256:"],
    [
      "a configuration that was changed",
      { ...single, [configName]: other },
      `got sha256:${createHash("sha256").update(other).digest("hex")}`,
    ],
    [
      "a size that is not true",
      listing({ ...descriptor(amd64.manifest), size: 1 }),
      `size: 1 bytes expected, got ${amd64.manifest.size}`,
    ],
    ["a missing manifest", without(manifestName), `a JSON blob in the`],
    ["a missing configuration", without(configName), `a JSON blob in the`],
    [
      "a media type that contradicts the content",
      listing({ ...descriptor(amd64.manifest), mediaType: indexType }),
      `mediaType: "${indexType}" expected`,
    ],
    [
      "an unknown media type",
      layout([descriptor(plain)], [plain]),
      'mediaType: the media type of an image manifest or index expected, got "text/plain"',
    ],
    [
      "a digest that climbs out",
      listing({ ...descriptor(amd64.manifest), digest: "sha256:../../../etc/passwd" }),
      "manifests[0].digest: sha256: and 64",
    ],
    [
      "a weak digest",
      listing({ ...descriptor(amd64.manifest), digest: `md5:${"a".repeat(32)}` }),
      "manifests[0].digest",
    ],
    [
      "all that is wrong with a descriptor",
      listing({ size: -1 }),
      "manifests[0].size: a number of bytes expected, got the number -1",
    ],
    [
      "a null descriptor",
      { ...single, "index.json": Buffer.from('{"manifests":[null]}') },
      "manifests[0]: a descriptor expected, got null",
    ],
    [
      "an index that is a manifest too",
      { ...single, "index.json": Buffer.from('{"manifests":[],"layers":[]}') },
      "no manifest in an index",
    ],
    ["no images", layout([], []), "one image manifest or image index expected, got none"],
    [
      "several images",
      layout([descriptor(amd64.manifest), descriptor(arm64.manifest)], all),
      "expected, got 2: sha256:",
    ],
    [
      "an index of nothing that is there",
      layout([descriptor(index)], [index]),
      "the manifest of a platform expected, got none",
    ],
    [
      "indexes inside each other",
      layout([descriptor(nested(6)[0] ?? index)], [...all, ...nested(6)]),
      "more than 4 image indexes",
    ],
    [
      "another layout version",
      { ...single, "oci-layout": Buffer.from('{"imageLayoutVersion":"2.0.0"}') },
      'imageLayoutVersion: "1.0.0" expected, got "2.0.0"',
    ],
    ["no oci-layout", without("oci-layout"), "oci-layout: a JSON document expected, got none"],
  ])("%s", async (_name, content, message) => {
    for (const store of [directory, archive]) {
      const error = await refusal(store(content));
      expect(error.code).toBe("IMAGE_INVALID");
      expect(error.message).toContain(message);
    }
  });

  test("repeated keys in an index are refused as ambiguous", async () => {
    const text = '{"manifests":[],"manifests":[]}';
    const error = await refusal(directory({ ...single, "index.json": Buffer.from(text) }));
    expect(error.message).toContain("JSON_INVALID: index.json repeats keys");
  });

  test("a docker save archive without a layout, with what to do", async () => {
    const error = await refusal(
      archive({ "manifest.json": Buffer.from("[]"), "a/layer.tar": Buffer.from("x") }),
    );
    expect(error.message).toContain("`docker save` archive without an OCI layout");
    expect(error.next).toContain("skopeo copy docker-archive:");
  });

  test("two files of one name in an archive", async () => {
    const path = await files.path();
    const tar = pack();
    tar.entry({ name: "index.json" }, '{"manifests":[]}');
    tar.entry({ name: "./index.json" }, '{"manifests":[]}');
    tar.finalize();
    await pipeline(tar, createWriteStream(path));
    expect((await refusal(Promise.resolve(path))).message).toContain("it holds index.json twice");
  });

  test("compressed, cut off, no archive, nothing there", async () => {
    const whole = await readFile(await archive(single));
    expect((await refusal(files.write(gzipSync(whole)))).message).toContain("compressed");
    expect((await refusal(files.write(whole.subarray(0, 700)))).message).toContain(
      "this is no OCI image archive",
    );
    expect((await refusal(files.write("x".repeat(2000)))).message).toContain("it is no tar archive");
    expect((await refusal(files.write(""))).message).toContain("it has no index.json");
    expect((await refusal(files.path())).message).toContain("can't read the image");
    expect((await refusal(directory({ x: Buffer.of(1) }))).message).toContain(
      "oci-layout: a JSON document expected",
    );
  });
});

const hasBuildah = spawnSync("buildah", ["--version"]).status === 0 && process.getuid?.() === 0;

test.skipIf(!hasBuildah)(
  "an image of Buildah has the digest that Buildah says (skipped without Buildah or root)",
  async () => {
    const path = await files.path();
    const root = await files.path();
    const buildah = (...args: string[]) => {
      const storage = [
        "--root",
        join(root, "storage"),
        "--runroot",
        join(root, "run"),
        "--storage-driver",
        "vfs",
      ];
      const { status, stdout, stderr } = spawnSync("buildah", [...storage, ...args], { encoding: "utf8" });
      if (status !== 0) throw new Error(stderr);
      return stdout.trim();
    };
    const container = buildah("from", "scratch");
    const added = await files.write("hello");
    buildah("copy", container, added, "/hello");
    const name = `test-${process.pid}`;
    buildah("commit", "--quiet", container, name);
    const digestFile = await files.path();
    buildah("push", "--quiet", "--digestfile", digestFile, name, `oci-archive:${path}`);
    expect((await imageSubjects(path, "app")).digest).toBe(await readFile(digestFile, "utf8"));
  },
);
