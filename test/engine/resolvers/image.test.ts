import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";

import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { attachToImage } from "../../../src/oci/attach/image.js";
import { layoutImage } from "../../../src/oci/layout/image.js";
import { openLayout } from "../../../src/oci/layout/open.js";
import { systemTiming } from "../../../src/oci/timing.js";
import { writeBundle } from "../../support/bundles.js";
import { imageArchive } from "../../support/images.js";
import {
  installedTools,
  makeCertificates,
  startDistribution,
  startReferrersRegistry,
  type RunningRegistry,
} from "../../support/registry.js";
import { pushImage } from "../../support/registry-images.js";
import { literal, run, startTestEngine, type TestEngine } from "../engine.js";
import { readImage } from "../images.js";

const tools = installedTools(true);
const distribution = tools.get("docker-registry");
const referrers = tools.get("referrers-registry");
const skopeo = tools.get("skopeo");

describe("images of the local engine", () => {
  let engine: TestEngine;
  beforeAll(async () => {
    engine = await startTestEngine();
    await imageArchive(join(engine.workdir, "app.tar"), { "etc/motd": "hello\n" });
  });
  afterAll(() => engine.close());

  const app = (address = "app.tar"): string => `address(value: ${literal(address)}) { container`;
  /** A container that is not what the archive held: every piece of its configuration is set. */
  const built = `${app()} { withNewFile(path: "/app", contents: "the app") { withEnvVariable(name: "A", value: "b=c") {
    withEntrypoint(args: ["/app"]) { withDefaultArgs(args: ["-v"]) { withWorkdir(path: "/srv") { withUser(name: "7:7") {
    withLabel(name: "z", value: "1") { withLabel(name: "a", value: "2") { withExposedPort(port: 53, protocol: UDP) {
    withAnnotation(name: "org.example.note", value: "x")`;

  describe("addresses", () => {
    it("takes an OCI archive", async () => {
      expect(await engine.value(`${app()} { file(path: "/etc/motd") { contents`)).toBe("hello\n");
    });

    it.runIf(skopeo)("takes a docker-save archive, zipped too (skopeo writes it)", async () => {
      const saved = join(engine.workdir, "saved.tar");
      await run(skopeo ?? "", [
        ...["copy", "--insecure-policy", "--quiet"],
        ...[`oci-archive:${join(engine.workdir, "app.tar")}`, `docker-archive:${saved}:app:1`],
      ]);
      const motd = `{ file(path: "/etc/motd") { contents`;
      expect(await engine.value(`${app("./saved.tar")} ${motd}`)).toBe("hello\n");
      await run("gzip", ["--keep", saved]);
      expect(await engine.value(`${app("docker-archive:saved.tar.gz")} ${motd}`)).toBe("hello\n");
    });

    it("takes the image of a layout that lists what is attached to it, also packed, and asks which of two", async () => {
      const layout = join(engine.workdir, "attested");
      await mkdir(layout);
      await run("tar", ["-xf", join(engine.workdir, "app.tar"), "-C", layout]);
      const timing = systemTiming();
      const store = await openLayout(layout, { timing });
      const { digest } = await layoutImage(layout, store, undefined);
      const bundle = await writeBundle(engine.workdir, "attested", [digest]);
      await attachToImage(store, digest, [bundle], { created: "2026-11-28T00:00:00Z", timing });
      expect((await store.referrers(digest))?.manifests).toHaveLength(1);
      await run("tar", ["-czf", join(engine.workdir, "attested.tar.gz"), "-C", layout, "."]);
      const motd = `{ file(path: "/etc/motd") { contents`;
      for (const address of ["attested", "attested.tar.gz"])
        expect(await engine.value(`${app(address)} ${motd}`)).toBe("hello\n");
      await pushImage(store, "other");
      await expect(engine.value(`${app("attested")} ${motd}`)).rejects.toThrow(
        /several images \([^)]*other sha256:.* copy the one that is meant/,
      );
    });

    it("takes an OCI layout directory", async () => {
      const layout = join(engine.workdir, "layout");
      await mkdir(layout);
      await run("tar", ["-xf", join(engine.workdir, "app.tar"), "-C", layout]);
      const motd = `{ file(path: "/etc/motd") { contents`;
      expect(await engine.value(`${app("layout")} ${motd}`)).toBe("hello\n");
      expect(await engine.value(`${app(`oci:${layout}`)} ${motd}`)).toBe("hello\n");
    });

    it.each([
      ["a path without anything", "./nothing.tar", "no such file or directory"],
      ["a file that is no image", "note.txt", "note.txt is no image: an OCI layout directory"],
      ["a directory that is no layout", "./plain", "plain is no image"],
      ["a reference that is none", "Not An Image", "no image reference"],
    ])("refuses %s", async (_case, address, message) => {
      await writeFile(join(engine.workdir, "note.txt"), "a note");
      await mkdir(join(engine.workdir, "plain"), { recursive: true });
      await expect(engine.value(`${app(address)} { rootfs { entries`)).rejects.toThrow(message);
    });

    it("takes directories and files of the machine, selected", async () => {
      await mkdir(join(engine.workdir, "source", "out"), { recursive: true });
      await writeFile(join(engine.workdir, "source", "a.c"), "a");
      await writeFile(join(engine.workdir, "source", "out", "a.o"), "o");
      const source = `address(value: "source") { directory`;
      expect(await engine.value(`${source} { entries`)).toEqual(["a.c", "out/"]);
      expect(await engine.value(`${source}(exclude: ["out"]) { entries`)).toEqual(["a.c"]);
      expect(await engine.value(`address(value: "file://./source/a.c") { file { contents`)).toBe("a");
    });

    it("takes secrets, and shows their plaintext in no id", async () => {
      const path = join(engine.workdir, "token");
      await writeFile(path, "s3cret");
      const secret = `address(value: ${literal(`file:${path}`)}) { secret`;
      expect(await engine.value(`${secret} { plaintext`)).toBe("s3cret");
      const id = String(await engine.value(`${secret} { id`));
      expect(Buffer.from(id, "base64").includes("s3cret")).toBe(false);
    });
  });

  describe("archives", () => {
    const archiveOf = async (options = ""): Promise<string> => {
      const path = join(engine.workdir, "built.tar");
      await engine.value(`${built} { asTarball${options} { export(path: "built.tar")`);
      return path;
    };

    it("hold the container's configuration", async () => {
      const image = await readImage(await archiveOf());
      const manifest = (await image.document(image.index.manifests[0]?.digest ?? "")) as {
        config: { digest: string };
        layers: { mediaType: string }[];
        annotations: unknown;
      };
      expect(manifest.annotations).toEqual({ "org.example.note": "x" });
      expect(manifest.layers.map(({ mediaType }) => mediaType)).toEqual([
        "application/vnd.oci.image.layer.v1.tar+gzip",
        "application/vnd.oci.image.layer.v1.tar+gzip",
      ]);
      const config = await image.document(manifest.config.digest);
      expect(config).toMatchObject({
        os: "linux",
        config: {
          Env: ["A=b=c"],
          Entrypoint: ["/app"],
          Cmd: ["-v"],
          WorkingDir: "/srv",
          User: "7:7",
          Labels: { a: "2", z: "1" },
          ExposedPorts: { "53/udp": {} },
        },
      });
      expect(config["history"]).toHaveLength(2);
    });

    it.each([
      ["uncompressed", "forcedCompression: UNCOMPRESSED", "application/vnd.oci.image.layer.v1.tar"],
      ["zstd", "forcedCompression: ZSTD", "application/vnd.oci.image.layer.v1.tar+zstd"],
      ["docker", "mediaTypes: DOCKER", "application/vnd.docker.image.rootfs.diff.tar.gzip"],
    ])("come in other forms: %s", async (_form, option, mediaType) => {
      const image = await readImage(await archiveOf(`(${option})`));
      const manifest = await image.document(image.index.manifests[0]?.digest ?? "");
      expect(manifest["layers"]).toMatchObject([{ mediaType }, { mediaType }]);
    });

    it("refuse a form that the engine lacks, by name", async () => {
      await expect(archiveOf("(forcedCompression: ESTARGZ)")).rejects.toThrow(
        "forcedCompression ESTARGZ with oci media types is not in the local engine; run with Dagger",
      );
    });

    it.runIf(skopeo)("are what skopeo reads, as OCI and as docker archive", async () => {
      const path = await archiveOf();
      for (const transport of ["oci-archive", "docker-archive"]) {
        const { stdout } = await run(skopeo ?? "", ["inspect", "--config", `${transport}:${path}`]);
        expect(JSON.parse(stdout)).toMatchObject({ config: { Entrypoint: ["/app"] } });
      }
    });

    it("have the same bytes on another engine with another store", async () => {
      const other = await startTestEngine();
      try {
        await imageArchive(join(other.workdir, "app.tar"), { "etc/motd": "hello\n" });
        await other.value(`${built} { asTarball { export(path: "built.tar")`);
        const path = await archiveOf();
        await run("cmp", [path, join(other.workdir, "built.tar")]);
      } finally {
        await other.close();
      }
    });

    it("refuse a container without files", async () => {
      await expect(engine.value(`container { asTarball { size`)).rejects.toThrow(
        "the container has no files",
      );
    });

    it("read back as the container that they were made from", async () => {
      await archiveOf();
      const read = `${app("built.tar")} { entrypoint`;
      expect(await engine.value(read)).toEqual(["/app"]);
      expect(await engine.value(`${app("built.tar")} { file(path: "/app") { contents`)).toBe("the app");
    });
  });

  /** The arm image is given its architecture by an archive, the other one has the engine's. */
  const variants = async (): Promise<string> => {
    await imageArchive(join(engine.workdir, "arm.tar"), { "etc/motd": "arm\n" }, { architecture: "arm64" });
    const id = String(
      await engine.value(
        `container(platform: "linux/arm64") { import(source: ${literal(await fileId("arm.tar"))}) { id`,
      ),
    );
    return `platformVariants: [${literal(id)}]`;
  };
  const fileId = async (path: string): Promise<string> =>
    String(await engine.value(`host { file(path: ${literal(path)}) { id`));

  it("of several platforms are an index, the same in an archive and in a registry", async (test) => {
    if (referrers === undefined) return test.skip("go-containerregistry's registry can't be built here");
    const registry = await startReferrersRegistry(referrers);
    try {
      const several = await variants();
      await engine.value(`${built} { asTarball(${several}) { export(path: "both.tar")`);
      const image = await readImage(join(engine.workdir, "both.tar"));
      const digest = image.index.manifests[0]?.digest ?? "";
      expect(await image.document(digest)).toMatchObject({
        mediaType: "application/vnd.oci.image.index.v1+json",
        manifests: [
          { platform: { os: "linux", architecture: "amd64" } },
          { platform: { os: "linux", architecture: "arm64" } },
        ],
      });
      const address = `${registry.address}/team/app:both`;
      expect(await engine.value(`${built} { publish(address: ${literal(address)}, ${several})`)).toBe(
        `${address}@${digest}`,
      );
    } finally {
      await registry.stop();
    }
  });

  it("of one platform twice are refused", async () => {
    const id = String(await engine.value(`${app()} { id`));
    await expect(
      engine.value(`${app()} { asTarball(platformVariants: [${literal(id)}]) { size`),
    ).rejects.toThrow(/platform linux\/amd64 is there twice/);
  });

  describe.runIf(distribution)("in a registry (Debian's docker-registry)", () => {
    const user = "ada";
    const password = "s3cret-pa55";
    // Of the password above, by bcrypt.
    const htpasswd = `${user}:$2b$04$LNg6CfCu6UjM.Uq/erVhYe5ywuO.WHgG4Mm.aaSh9RfqHlakWRZRC\n`;
    const started: RunningRegistry[] = [];
    afterAll(() => Promise.all(started.map((registry) => registry.stop())));

    const start = async (options: Parameters<typeof startDistribution>[1] = {}): Promise<string> => {
      const registry = await startDistribution(distribution ?? "", options);
      started.push(registry);
      return registry.address;
    };

    it("have the digest of the archive, and are pulled by it", async () => {
      const address = `${await start()}/app:1`;
      const published = String(await engine.value(`${built} { publish(address: ${literal(address)})`));
      await engine.value(`${built} { asTarball { export(path: "built.tar")`);
      const { index } = await readImage(join(engine.workdir, "built.tar"));
      expect(published).toBe(`${address}@${index.manifests[0]?.digest ?? ""}`);
      expect(await engine.value(`${app(published)} { imageRef`)).toBe(published);
      expect(await engine.value(`${app(address)} { imageRef`)).toBe(published);
      expect(await engine.value(`${app(address)} { file(path: "/app") { contents`)).toBe("the app");
    });

    it("need credentials where the registry asks for them, for the session", async () => {
      const registry = await start({ htpasswd });
      const address = `${registry}/app:1`;
      const publish = `publish(address: ${literal(address)})`;
      await expect(engine.value(`${built} { ${publish}`)).rejects.toThrow(/REGISTRY_DENIED/);
      const secret = String(
        await engine.value(`setSecret(name: "password", plaintext: ${literal(password)}) { id`),
      );
      const auth = `withRegistryAuth(address: ${literal(registry)}, username: "${user}", secret: ${literal(secret)})`;
      const published = String(await engine.value(`${built} { ${auth} { ${publish}`));
      expect(published).toContain(`${address}@sha256:`);
      expect(await engine.value(`container { from(address: ${literal(published)}) { entrypoint`)).toEqual([
        "/app",
      ]);
      const denied = `container { withoutRegistryAuth(address: ${literal(registry)}) { from(address: ${literal(`${registry}/app:2`)}) { id`;
      const refused = await engine.value(denied).catch((error: unknown) => String(error));
      expect(refused).toMatch(/unauthorized|authentication required/);
      expect(refused).not.toContain(password);
      expect(JSON.stringify(engine.events)).not.toContain(password);
    });

    it("go over TLS on this machine too, where its authority is trusted", async () => {
      const certificates = makeCertificates(engine.workdir);
      const registry = await start({ tls: certificates });
      const address = `${registry}/app:1`;
      await expect(engine.value(`${built} { publish(address: ${literal(address)})`)).rejects.toThrow(
        /certificate/,
      );
      const trusting = await startTestEngine({ env: { SSL_CERT_FILE: certificates.ca } });
      try {
        await imageArchive(join(trusting.workdir, "app.tar"), { "etc/motd": "hello\n" });
        const published = String(await trusting.value(`${built} { publish(address: ${literal(address)})`));
        expect(published).toContain("@sha256:");
        expect(await trusting.value(`container { from(address: ${literal(published)}) { entrypoint`)).toEqual(
          ["/app"],
        );
      } finally {
        await trusting.close();
      }
    });
  });

  it("stand in where no registry answers, and nowhere else", async () => {
    const asked: string[] = [];
    const archive = join(engine.workdir, "app.tar");
    const alone = await startTestEngine({
      standIn: (reference) => {
        asked.push(reference);
        return Promise.resolve(reference.includes("known") ? { archive } : undefined);
      },
    });
    try {
      // Nothing listens on port 1.
      const from = (name: string): string => `container { from(address: "127.0.0.1:1/${name}:1")`;
      expect(await alone.value(`${from("known")} { file(path: "/etc/motd") { contents`)).toBe("hello\n");
      await expect(alone.value(`${from("known")} { imageRef`)).rejects.toThrow(/imageRef/);
      await expect(alone.value(`${from("other")} { id`)).rejects.toThrow(
        /the registry 127\.0\.0\.1:1 does not answer/,
      );
      expect(asked).toEqual(["127.0.0.1:1/known:1", "127.0.0.1:1/other:1"]);
    } finally {
      await alone.close();
    }
  });
});
