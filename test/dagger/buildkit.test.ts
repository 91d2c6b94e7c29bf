/**
 * Point by point with BuildKit's `mode=max` provenance: the recorded build of a Dockerfile, and its steps as a
 * module that runs on an engine. docs/provenance.md holds the table.
 */
import { execFile } from "node:child_process";
import { randomUUID } from "node:crypto";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";

import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { findSlsaSchema, readBySchema } from "../interop/slsa-schema.js";
import { ahead, at, buildkitPredicate, dependencies, points } from "../provenance/buildkit-points.js";
import { noRecordings } from "../provenance/recordings.js";
import { literal, type ModuleSession, startModule } from "../support/module.js";
import { installedTools, type RunningRegistry, startDistribution } from "../support/registry.js";
import { shellRoot } from "../support/shell.js";

const run = promisify(execFile);

const manifest = JSON.stringify({ name: "app", engineVersion: "v0.21.8", sdk: { source: "typescript" } });

/** FROM, ARG, COPY, RUN with its two mounts, FROM scratch, COPY --from, LABEL. */
const source = `
import { dag, func, object, type Container, type Directory, type Secret } from "@dagger.io/dagger";

const script = "sh -c 'cat /src/main.txt > /out.txt; echo $VERSION >> /out.txt'";

/** The Dockerfile. */
@object()
export class App {
  /** Builds it. */
  @func()
  build(base: string, source: Directory, tok: Secret, version: string = "1.0"): Container {
    const platform = "linux/amd64" as never;
    const out = dag
      .container({ platform })
      .from(base)
      .withEnvVariable("VERSION", version)
      .withFile("/src/main.txt", source.file("main.txt"))
      .withMountedSecret("/run/secrets/tok", tok, { mode: 0o440 })
      .withMountedCache("/c", dag.cacheVolume("c"))
      .withExec(["/bin/sh", "-c", script])
      .file("/out.txt");
    return dag
      .container({ platform })
      .withFile("/out.txt", out)
      .withLabel("org.opencontainers.image.version", "1.0");
  }
}
`;

const reader = findSlsaSchema();
const registryProgram = installedTools().get("docker-registry");
const missing =
  noRecordings ??
  (registryProgram === undefined ? "no docker-registry on this machine" : undefined) ??
  (process.env["DAGGER_SESSION_PORT"] === undefined
    ? undefined
    : "loopback is out of a Dagger engine's reach");

/** Rows that name the recorded base image: ours is another one, of a registry on loopback. */
const ofTheBase = new Set(["base image, as package URL", "base image, digest"]);

describe.skipIf(missing !== undefined)(
  `the recorded Dockerfile as a module (${missing ?? "present"})`,
  () => {
    let session: ModuleSession;
    let registry: RunningRegistry;
    let theirs: unknown;
    let ours: unknown;
    let base: string;
    let commit: string;
    let statement: string;

    beforeAll(async () => {
      theirs = await buildkitPredicate("oci-artifact-provenance-max.tar");
      registry = await startDistribution(registryProgram ?? "");
      session = await startModule();
      const root = await session.id("directory", await shellRoot(join(session.workdir, "root")));
      const image = `container { withRootfs(directory: ${literal(root)}) { withLabel(name: "n", value: "${randomUUID()}")`;
      base = String(
        await session.value(`${image} { publish(address: "${registry.address}/debian:bookworm-slim") } } }`),
      );
      const module = join(session.workdir, "app");
      await mkdir(join(module, "src"), { recursive: true });
      await writeFile(join(module, "dagger.json"), manifest);
      await writeFile(join(module, "src", "index.ts"), source);
      // What the previous run resolved, beside the pipeline.
      const digest = base.split("@")[1] ?? "";
      const tag = `${registry.address}/debian:bookworm-slim`;
      const lock = [[["version", "2"]], ["", "container.from", [tag, "linux/amd64"], digest]];
      await writeFile(join(module, "dagger.lock"), lock.map((row) => `${JSON.stringify(row)}\n`).join(""));
      const git = async (...args: string[]): Promise<string> =>
        (
          await run("git", ["-C", module, "-c", "user.name=a", "-c", "user.email=a@host.test", ...args])
        ).stdout.trim();
      await git("init", "--quiet");
      await git("add", ".");
      await git("commit", "--quiet", "--message=app");
      commit = await git("rev-parse", "HEAD");
      const context = join(session.workdir, "context");
      await mkdir(context);
      await writeFile(join(context, "main.txt"), "main\n");
      const [pipeline, directory] = [
        await session.id("directory", module),
        await session.id("directory", context),
      ];
      const token = await session.value(`setSecret(name: "tok", plaintext: "plainwordcanary") { id }`);
      const args = literal([`base=${tag}`, "source=directory", "tok=secret", "version=1.1"]);
      const given = `pipeline: ${literal(pipeline)}, call: "build", args: ${args}, directory: ${literal(directory)}, secret: ${literal(token)}`;
      const text = await session.value(`attest { observe(${given}) { provenance { asFile { contents } } } }`);
      expect(text).not.toContain("canary");
      statement = join(session.workdir, "statement.json");
      await writeFile(statement, String(text));
      ours = at(JSON.parse(String(text)), "predicate");
    });
    afterAll(async () => {
      await session.close();
      await registry.stop();
    });

    it.each([...points])("%s: both have it", (point = "", theirPath = "", ourPath = "", same = "") => {
      const [their, our] = [at(theirs, theirPath), at(ours, ourPath)];
      expect(their).toBeDefined();
      expect(our).toBeDefined();
      if (same === "same" && !ofTheBase.has(point)) expect(our).toEqual(their);
    });

    it.each(ahead)("%s: we have it", (_point, path) => {
      expect(at(ours, path)).toBeDefined();
      expect(at(ours, path)).not.toBe("");
    });

    it("names the base image in the same form, with the digest that its registry told", () => {
      const host = encodeURIComponent(registry.address);
      expect(at(ours, `${dependencies}/0`)).toMatchObject({
        uri: `pkg:docker/${host}/debian@bookworm-slim?platform=linux%2Famd64`,
        digest: { sha256: base.split("sha256:")[1] },
        annotations: { alsoIn: expect.arrayContaining(["lockfile"]) as string[] },
      });
    });

    it.skipIf("missing" in reader)("is what SLSA's schema says", async () => {
      expect(await readBySchema("path" in reader ? reader.path : "", statement)).toBe("valid");
    });

    it("names the commit of the build's definition, and is complete", () => {
      expect(at(ours, `${dependencies}/name=app/digest/gitCommit`)).toBe(commit);
      expect(at(ours, "runDetails/metadata/dagger_completeness")).toMatchObject({
        materials: "complete",
        steps: "complete",
        gaps: [],
      });
    });
  },
);
