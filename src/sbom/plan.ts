import { basename } from "node:path";

import { javaIndexFiles, javaIndexPath } from "./trivy-java-index.js";
import type { SbomFormat, SbomScanner, ScanSource } from "./types.js";

export type ScanRequest = {
  readonly scanner: SbomScanner;
  readonly format: SbomFormat;
  readonly source: ScanSource;
  /** What the SBOM describes, in the user's words. */
  readonly name: string;
  readonly version?: string;
  /** For a file: its own name, by which scanners know lockfiles and archives. Default: `name`'s last part. */
  readonly fileName?: string;
};

/** What is scanned, without how. */
export type ScanName = Omit<ScanRequest, "scanner" | "format">;

/** What has to lie at `mountPath`: a tar of an OCI layout, the layout as a directory, or the input itself. */
export type ScanInput = "oci-archive" | "oci-layout" | "directory" | "file";

/** One run of a scanner: mount the input and the files, run `args` with `env`, read the file at `outputPath`. */
export type ScanPlan = {
  readonly input: ScanInput;
  readonly mountPath: string;
  /** Small files that the scanner needs besides its input, by path. */
  readonly files: readonly ScanFile[];
  /** The whole argument vector, executable first; the image's own entrypoint is not used. */
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly outputPath: string;
};

export type ScanFile = { readonly path: string; readonly bytes: Uint8Array };

const outputPath = "/tmp/sbom.json";

/**
 * How a scanner is run on an input, offline, for an SBOM in the asked-for format. Paths in it are
 * constant, because scanners hash them into the ids that they write.
 */
export function scanPlan(request: ScanRequest): ScanPlan {
  switch (request.scanner) {
    case "syft":
      return syftPlan(request);
    case "trivy":
      return trivyPlan(request);
  }
}

/** https://github.com/anchore/syft/wiki/configuration */
function syftPlan(request: ScanRequest): ScanPlan {
  const mountPath = mountPathOf(request);
  const scheme = { image: "oci-archive", directory: "dir", file: "file" }[request.source];
  const format = { "spdx-json": "spdx-json@2.3", "cyclonedx-json": "cyclonedx-json@1.6" }[request.format];
  return {
    input: request.source === "image" ? "oci-archive" : request.source,
    mountPath,
    files: [],
    args: [
      "/syft",
      "scan",
      `${scheme}:${mountPath}`,
      "--quiet",
      `--output=${format}=${outputPath}`,
      `--source-name=${request.name}`,
      ...(request.version === undefined ? [] : [`--source-version=${request.version}`]),
    ],
    env: { SYFT_CHECK_FOR_APP_UPDATE: "false" },
    outputPath,
  };
}

/**
 * Trivy names what it scanned by its path and has no flag against it, nor one for the version of a
 * format; `normaliseSbom` puts the name right.
 * https://trivy.dev/docs/latest/references/configuration/cli/trivy_image/
 */
function trivyPlan(request: ScanRequest): ScanPlan {
  const format = { "spdx-json": "spdx-json", "cyclonedx-json": "cyclonedx" }[request.format];
  return trivyRun(request, [`--format=${format}`]);
}

/** Trivy on an input, offline, with flags that say what it writes. */
export function trivyRun(request: ScanName, flags: readonly string[]): ScanPlan {
  const mountPath = mountPathOf(request);
  return {
    // It reads docker archives and OCI layouts, but no OCI archives.
    input: request.source === "image" ? "oci-layout" : request.source,
    mountPath,
    files: javaIndexFiles(),
    args: [
      "trivy",
      trivyCommand(request),
      "--quiet",
      ...flags,
      `--output=${outputPath}`,
      "--offline-scan",
      "--skip-db-update",
      "--skip-java-db-update",
      "--skip-version-check",
      "--disable-telemetry",
      `--cache-dir=${javaIndexPath}`,
      "--cache-backend=memory",
      "--timeout=1h",
      ...(request.source === "image" ? [`--input=${mountPath}`] : [mountPath]),
    ],
    env: {},
    outputPath,
  };
}

/** `fs` looks for lockfiles, `rootfs` for what is installed: a file that is none is a binary or archive. */
function trivyCommand(request: ScanName): "image" | "fs" | "rootfs" {
  if (request.source === "image") return "image";
  if (request.source === "directory" || lockfiles.has(fileNameOf(request))) return "fs";
  return "rootfs";
}

const lockfiles: ReadonlySet<string> = new Set([
  ...["package-lock.json", "npm-shrinkwrap.json", "yarn.lock", "pnpm-lock.yaml", "bun.lock"],
  ...["requirements.txt", "Pipfile.lock", "poetry.lock", "uv.lock", "pylock.toml", "environment.yml"],
  ...["go.mod", "Cargo.lock", "Gemfile.lock", "composer.lock", "mix.lock", "pubspec.lock"],
  ...["pom.xml", "gradle.lockfile", "build.sbt.lock", "conan.lock", "Podfile.lock", "Package.resolved"],
  ...["packages.lock.json", "packages.config", "Packages.props", "Directory.Packages.props", "Manifest.toml"],
]);

function mountPathOf(request: ScanName): string {
  return request.source === "file" ? `/attest/file/${fileNameOf(request)}` : `/attest/${request.source}`;
}

function fileNameOf(request: Pick<ScanName, "name" | "fileName">): string {
  const name = basename(request.fileName ?? request.name);
  return name === "" || name === "." || name === ".." ? "file" : name;
}
