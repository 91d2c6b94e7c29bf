/** What a JSON text may hold, so that no text can exhaust the scanner. */
export type JsonLimits = {
  /** Arrays and objects inside each other. */
  readonly depth: number;
  /** Bytes of one key as it is written. */
  readonly keyBytes: number;
  /** Keys of all objects that are open at one point: duplicates are looked for among them. */
  readonly openKeys: number;
  /** Characters of these keys together. */
  readonly openKeyCharacters: number;
  /** Characters of one number. */
  readonly numberCharacters: number;
};

/** The limits that hold unless told otherwise; far above what documents of the field need. */
export const jsonLimits: JsonLimits = {
  depth: 512,
  keyBytes: 64 * 1024,
  openKeys: 1_000_000,
  openKeyCharacters: 64 * 1024 * 1024,
  numberCharacters: 1024,
};
