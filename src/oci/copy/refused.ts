/** Why a target may refuse a manifest: something that it names did not come along. */
import { AttestError } from "../../error.js";
import type { StoredManifest } from "../manifest.js";

/** What does not come along, by digest. */
export type LeftOut = {
  /** Layers that lie elsewhere. */
  readonly foreign: ReadonlySet<string>;
  /** What an index names and the source does not hold. */
  readonly absent: ReadonlySet<string>;
};

/** The error of a push, said in terms of what is missing where something is. */
export function pushRefused(error: unknown, { content }: StoredManifest, left: LeftOut, to: string): unknown {
  if (!(error instanceof AttestError)) return error;
  if (content.kind === "index") {
    const gone = content.manifests.map(({ digest }) => digest).filter((digest) => left.absent.has(digest));
    return gone.length === 0 ? error : sparseRefused(gone, to, error);
  }
  return content.layers.some(({ digest }) => left.foreign.has(digest)) ? foreignRefused(to, error) : error;
}

function sparseRefused(gone: readonly string[], to: string, cause: AttestError): AttestError {
  return new AttestError("IMAGE_NOT_FOUND", `${to} takes no index of which a part is missing`, {
    problems: gone.map((digest) => ({ path: "manifests", expected: `${digest} in the source`, got: "none" })),
    next: "Push what is missing to the source again, or copy a platform by its own digest.",
    cause,
  });
}

/** Distribution takes no manifest with such layers unless it is told to, and answers 500. */
function foreignRefused(to: string, cause: AttestError): AttestError {
  return new AttestError(cause.code, `${to} does not take an image with layers that lie elsewhere`, {
    problems: cause.problems,
    next: "Allow such layers in the registry (distribution: validation.manifests.urls.allow), or copy from where it has them.",
    cause,
  });
}
