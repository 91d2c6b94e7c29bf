/** Values that were made before and handed in. */
import type { DigestSet } from "../../statement/types.js";

/** A value that was handed in: known by its content, or a secret by its name. */
export type HandedValue =
  | {
      readonly kind: "directory" | "file" | "image";
      readonly uri: string;
      readonly name: string;
      readonly digests: DigestSet;
      /** Loads it in the session that handed it over. */
      readonly id?: string;
    }
  | { readonly kind: "secret"; readonly name: string; readonly provider: string };

/** Types of the API that they have. */
export const handedTypes = {
  directory: "Directory",
  file: "File",
  image: "Container",
  secret: "Secret",
} as const;
