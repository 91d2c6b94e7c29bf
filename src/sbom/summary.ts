/** What is in an SBOM, counted. */
export type SbomSummary = {
  readonly packages: number;
  readonly files: number;
  /** Packages by type (the purl's: deb, apk, npm, golang, ...), "other" for those without a purl. */
  readonly types: Readonly<Record<string, number>>;
  /** The tools that made it, as `syft 1.51.0`. */
  readonly tools: readonly string[];
  readonly warnings: readonly string[];
  /** All of the above as short plain text, warnings first. */
  readonly text: string;
};
