import type { SbomFormat, SbomScanner, ScanSource } from "./types.js";

export type ScanRequest = {
  readonly scanner: SbomScanner;
  readonly format: SbomFormat;
  readonly source: ScanSource;
  /** What the SBOM describes, in the user's words. */
  readonly name: string;
  readonly version?: string;
};

/** What has to lie at `mountPath`: a tar of an OCI layout, the layout as a directory, or the input itself. */
export type ScanInput = "oci-archive" | "oci-layout" | "directory" | "file";

/** One run of a scanner: mount the input, run `args` with `env`, read the file at `outputPath`. */
export type ScanPlan = {
  readonly input: ScanInput;
  readonly mountPath: string;
  /** The whole argument vector, executable first; the image's own entrypoint is not used. */
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly outputPath: string;
};

/** How a scanner is run on an input, offline, for an SBOM in the asked-for format. */
export function scanPlan(request: ScanRequest): ScanPlan {
  const mountPath = request.source === "image" ? "/attest/image" : `/attest/${request.source}`;
  return { input: "directory", mountPath, args: [], env: {}, outputPath: "/tmp/sbom.json" };
}
