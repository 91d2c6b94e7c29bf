/**
 * Small real images for tests, assembled from given files: an OCI archive, with the manifest.json of
 * docker archives beside the layout where asked, as Dagger's asTarball writes it.
 */
import { execFile } from "node:child_process";
import { copyFile, mkdir, readdir, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { promisify } from "node:util";

import { writeOciArchive, type LayerEntry } from "../../engine/stand-ins/oci-archive.js";

const run = promisify(execFile);

/** Content of an image by path: text, or the local file that is copied in. */
export type ImageFiles = Readonly<Record<string, string | { readonly from: string }>>;

export type ImageOptions = {
  readonly architecture?: string;
  readonly dockerManifest?: boolean;
};

/** Writes a one-layer Linux image with these files to `path`; the same files give the same bytes. */
export async function imageArchive(
  path: string,
  files: ImageFiles,
  options: ImageOptions = {},
): Promise<string> {
  await mkdir(dirname(path), { recursive: true });
  const layerPath = `${path}.layer`;
  const { architecture = "amd64", dockerManifest = false } = options;
  const image = { architecture, config: { WorkingDir: "/" }, entries: layerEntries(files), dockerManifest };
  await writeOciArchive(image, path, layerPath);
  await rm(layerPath);
  return path;
}

function layerEntries(files: ImageFiles): LayerEntry[] {
  const entries = new Map<string, LayerEntry>();
  for (const [name, content] of Object.entries(files)) {
    for (const folder of foldersOf(name))
      entries.set(folder, { kind: "directory", name: folder, mode: 0o755 });
    const entry =
      typeof content === "string"
        ? ({ kind: "text", text: content } as const)
        : ({ kind: "copy", from: content.from } as const);
    entries.set(name, { ...entry, name, mode: 0o755 });
  }
  return [...entries.values()];
}

function foldersOf(name: string): string[] {
  const folders = name.split("/").slice(0, -1);
  return folders.map((_, index) => folders.slice(0, index + 1).join("/"));
}

/** Files below a directory, as image content. */
export async function filesBelow(directory: string): Promise<ImageFiles> {
  const found = await readdir(directory, { recursive: true, withFileTypes: true });
  const files = found.filter((entry) => entry.isFile());
  return Object.fromEntries(
    files.map((entry) => {
      const from = join(entry.parentPath, entry.name);
      return [from.slice(directory.length + 1), { from }];
    }),
  );
}

/** A package as a package manager names it. */
export type InstalledPackage = { readonly name: string; readonly version: string };

export type InstalledFiles = {
  readonly files: ImageFiles;
  readonly packages: readonly InstalledPackage[];
};

/**
 * The part of a Debian system that says what is installed, with packages that are really installed on
 * this machine: dpkg's own records of them, and their copyright files.
 */
export async function debianFiles(names: readonly string[]): Promise<InstalledFiles> {
  const status = await dpkgQuery(["--status", ...names]);
  const listed = await dpkgQuery(["--show", "--showformat=${Package} ${Version}\\n", ...names]);
  const packages = listed
    .trim()
    .split("\n")
    .map((line) => {
      const [name = "", version = ""] = line.split(" ");
      return { name, version };
    });
  const copyrights = packages.map(({ name }) => {
    const from = `/usr/share/doc/${name}/copyright`;
    return [from.slice(1), { from }] as const;
  });
  const release = { "etc/os-release": debianRelease, "etc/debian_version": "12.11\n" };
  return {
    files: { ...release, "var/lib/dpkg/status": status, ...Object.fromEntries(copyrights) },
    packages,
  };
}

async function dpkgQuery(args: readonly string[]): Promise<string> {
  const { stdout } = await run("dpkg-query", [...args], { env: { ...process.env, LC_ALL: "C" } });
  return stdout;
}

const debianRelease = `PRETTY_NAME="Debian GNU/Linux 12 (bookworm)"
NAME="Debian GNU/Linux"
VERSION_ID="12"
VERSION="12 (bookworm)"
VERSION_CODENAME=bookworm
ID=debian
`;

/** An Alpine system of two packages, as apk records them. */
export function alpineFiles(): InstalledFiles {
  const packages = [
    { name: "musl", version: "1.2.5-r10" },
    { name: "busybox", version: "1.37.0-r18" },
  ];
  const records = packages.map(
    ({ name, version }) =>
      `C:Q1qG35rAvKgd0ZTLx0gRdpA+x3Vno=\nP:${name}\nV:${version}\nA:x86_64\nS:1\nI:1\n` +
      `T:${name}\nU:https://example.org/\nL:MIT\no:${name}\nm:Nobody <nobody@example.org>\n` +
      `F:lib\nR:${name}.so\na:0:0:755\nZ:Q1qG35rAvKgd0ZTLx0gRdpA+x3Vno=\n`,
  );
  const files = {
    "etc/alpine-release": "3.22.0\n",
    "etc/os-release": 'NAME="Alpine Linux"\nID=alpine\nVERSION_ID=3.22.0\nPRETTY_NAME="Alpine Linux v3.22"\n',
    "lib/apk/db/installed": `${records.join("\n")}\n`,
  };
  return { files, packages };
}

/** An npm project with one dependency, locked and installed. */
export function npmFiles(): InstalledFiles {
  const lock = {
    name: "app",
    version: "1.0.0",
    lockfileVersion: 3,
    requires: true,
    packages: {
      "": { name: "app", version: "1.0.0", dependencies: { "left-pad": "1.3.0" } },
      "node_modules/left-pad": {
        version: "1.3.0",
        resolved: "https://registry.example/left-pad/-/left-pad-1.3.0.tgz",
        integrity: `sha512-${"A".repeat(86)}==`,
        license: "WTFPL",
      },
    },
  };
  const files = {
    "package.json": JSON.stringify({ name: "app", version: "1.0.0", dependencies: { "left-pad": "1.3.0" } }),
    "package-lock.json": JSON.stringify(lock),
    "node_modules/left-pad/package.json": JSON.stringify({
      name: "left-pad",
      version: "1.3.0",
      license: "WTFPL",
    }),
  };
  return { files, packages: [{ name: "left-pad", version: "1.3.0" }] };
}

/** Writes image content into a directory. */
export async function writeFiles(directory: string, files: ImageFiles): Promise<string> {
  for (const [name, content] of Object.entries(files)) {
    const path = join(directory, name);
    await mkdir(dirname(path), { recursive: true });
    if (typeof content === "string") await writeFile(path, content);
    else await copyFile(content.from, path);
  }
  return directory;
}
